#include "engine/checkpoint/strict_json.h"

#include <set>
#include <vector>

#include "absl/strings/str_format.h"

namespace ovi {

using nlohmann::json;

namespace {

// What the library reads in a loop it prints by recursion, as an error that shows a value does. Ours nest 4 deep.
constexpr int kMaxDepth = 64;

}  // namespace

absl::StatusOr<json> ParseStrictJson(const std::string& text) {
  std::vector<std::set<std::string>> keys;  // of every object that is open
  std::string duplicate;
  bool too_deep = false;
  const auto watch = [&](int depth, json::parse_event_t event, json& value) {
    too_deep = too_deep || depth > kMaxDepth;
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
      duplicate = value.get<std::string>();
    }
    return true;
  };
  try {
    json value = json::parse(text, watch);
    if (too_deep) {
      return absl::InvalidArgumentError(absl::StrFormat("is nested more than %d deep; nothing here is", kMaxDepth));
    }
    if (duplicate.empty()) return value;
    return absl::InvalidArgumentError(absl::StrFormat("names %s twice in one object; keep one", duplicate));
  } catch (const json::parse_error& error) {
    return absl::InvalidArgumentError(absl::StrFormat("is not valid JSON at byte %d", error.byte));
  } catch (const json::exception&) {  // a number beyond every type
    return absl::InvalidArgumentError("is not valid JSON: it holds a number out of range");
  }
}

}  // namespace ovi
