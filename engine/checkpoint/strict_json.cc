#include "engine/checkpoint/strict_json.h"

#include <set>
#include <vector>

#include "absl/strings/str_format.h"

namespace ovi {

using nlohmann::json;

absl::StatusOr<json> ParseStrictJson(const std::string& text) {
  std::vector<std::set<std::string>> keys;  // of every object that is open
  std::string duplicate;
  const auto watch = [&](int, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
      duplicate = value.get<std::string>();
    }
    return true;
  };
  try {
    json value = json::parse(text, watch);
    if (duplicate.empty()) return value;
    return absl::InvalidArgumentError(absl::StrFormat("names %s twice in one object; keep one", duplicate));
  } catch (const json::parse_error& error) {
    return absl::InvalidArgumentError(absl::StrFormat("is not valid JSON at byte %d", error.byte));
  } catch (const json::exception&) {  // a number beyond every type
    return absl::InvalidArgumentError("is not valid JSON: it holds a number out of range");
  }
}

}  // namespace ovi
