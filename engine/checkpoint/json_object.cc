#include "engine/checkpoint/json_object.h"

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

using nlohmann::json;

constexpr size_t kShownBytes = 80;

std::string Shown(const json& value) {
  std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > kShownBytes) text.replace(kShownBytes, std::string::npos, "...");
  return text;
}

}  // namespace

JsonObject::JsonObject(const json& json, std::string path) : json_(json), path_(std::move(path)) {
  if (!json_.is_object()) {
    status_ = absl::InvalidArgumentError(absl::StrFormat("%s: is %s; expected an object", path_, Shown(json_)));
  }
}

void JsonObject::Fail(std::string_view key, const std::string& what) {
  if (status_.ok()) status_ = absl::InvalidArgumentError(absl::StrFormat("%s: %s", PathOf(key), what));
}

void JsonObject::FailType(std::string_view key, const json& value, const char* expected) {
  Fail(key, absl::StrFormat("is %s; expected %s", Shown(value), expected));
}

const json* JsonObject::Member(std::string_view key) {
  if (!status_.ok()) return nullptr;
  read_.emplace(key);
  const auto found = json_.find(std::string(key));
  return found == json_.end() ? nullptr : &*found;
}

bool JsonObject::Integer(std::string_view key, const json& value, int64_t& out, IntegerRange range) {
  if (!value.is_number_integer()) {
    FailType(key, value, "an integer");
    return false;
  }
  const bool fits = !value.is_number_unsigned() || value.get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX);
  if (!fits || value.get<int64_t>() < range.least || value.get<int64_t>() > range.most) {
    Fail(key, absl::StrFormat("is %s; it must be between %d and %d", Shown(value), range.least, range.most));
    return false;
  }
  out = value.get<int64_t>();
  return true;
}

bool JsonObject::Number(std::string_view key, const json& value, double& out, NumberRange range) {
  if (!value.is_number()) {
    FailType(key, value, "a number");
    return false;
  }
  const auto number = value.get<double>();
  if (!(number >= range.least && number <= range.most)) {
    Fail(key, absl::StrFormat("is %s; it must be between %g and %g", Shown(value), range.least, range.most));
    return false;
  }
  out = number;
  return true;
}

void JsonObject::Read(std::string_view key, int64_t& value, IntegerRange range) {
  if (const json* const member = Member(key)) Integer(key, *member, value, range);
}

void JsonObject::Read(std::string_view key, double& value, NumberRange range) {
  if (const json* const member = Member(key)) Number(key, *member, value, range);
}

void JsonObject::Read(std::string_view key, bool& value) {
  const json* const member = Member(key);
  if (member == nullptr) return;
  if (!member->is_boolean()) return FailType(key, *member, "true or false");
  value = member->get<bool>();
}

void JsonObject::Read(std::string_view key, std::string& value) {
  const json* const member = Member(key);
  if (member == nullptr) return;
  if (!member->is_string()) return FailType(key, *member, "a string");
  value = member->get<std::string>();
}

void JsonObject::Read(std::string_view key, std::vector<int64_t>& values, IntegerRange range) {
  const json* const member = Member(key);
  if (member == nullptr) return;
  if (!member->is_array()) return FailType(key, *member, "a list of integers");
  values.clear();
  for (const json& item : *member) {
    if (!Integer(key, item, values.emplace_back(), range)) return;
  }
}

void JsonObject::Read(std::string_view key, std::vector<double>& values, NumberRange range) {
  const json* const member = Member(key);
  if (member == nullptr) return;
  if (!member->is_array()) return FailType(key, *member, "a list of numbers");
  values.clear();
  for (const json& item : *member) {
    if (!Number(key, item, values.emplace_back(), range)) return;
  }
}

void JsonObject::Read(std::string_view key, std::vector<bool>& values) {
  const json* const member = Member(key);
  if (member == nullptr) return;
  if (!member->is_array()) return FailType(key, *member, "a list of true and false");
  values.clear();
  for (const json& item : *member) {
    if (!item.is_boolean()) return FailType(key, item, "true or false");
    values.push_back(item.get<bool>());
  }
}

void JsonObject::Read(std::string_view key, std::vector<std::vector<int64_t>>& values, IntegerRange range) {
  const json* const member = Member(key);
  if (member == nullptr) return;
  if (!member->is_array()) return FailType(key, *member, "a list of lists of integers");
  values.clear();
  for (const json& list : *member) {
    if (!list.is_array()) return FailType(key, list, "a list of integers");
    values.emplace_back();
    for (const json& item : list) {
      if (!Integer(key, item, values.back().emplace_back(), range)) return;
    }
  }
}

absl::Status JsonObject::Finish() {
  if (!status_.ok()) return status_;
  for (const auto& [key, value] : json_.items()) {
    if (read_.count(key) == 0) {
      Fail(key, absl::StrFormat("unknown key (its value is %s); remove it or check its spelling", Shown(value)));
      break;
    }
  }
  return status_;
}

}  // namespace ovi
