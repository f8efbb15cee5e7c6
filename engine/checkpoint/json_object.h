// A JSON object read strictly: every key must be known, of the right type and in range, and an error gives its JSON
// path and value. Private to engine/checkpoint.
//
//   JsonObject tower(json, "$.fusion.video");
//   tower.Read("dim", config.dim, {1, 65536});
//   OVI_RETURN_IF_ERROR(tower.Finish());   // the first error, or the first key nobody read
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace ovi {

struct IntegerRange {
  int64_t least = 1, most = int64_t{1} << 20;
};
struct NumberRange {
  double least = 0, most = 1e9;
};

// What is absent keeps its default. After an error, further reads do nothing.
class JsonObject {
 public:
  // `json` must outlive this; an error is noted if it is no object.
  JsonObject(const nlohmann::json& json, std::string path);

  void Read(std::string_view key, int64_t& value, IntegerRange range = {});
  void Read(std::string_view key, double& value, NumberRange range = {});
  void Read(std::string_view key, bool& value);
  void Read(std::string_view key, std::string& value);
  void Read(std::string_view key, std::vector<int64_t>& values, IntegerRange range = {});
  void Read(std::string_view key, std::vector<double>& values, NumberRange range);
  void Read(std::string_view key, std::vector<bool>& values);
  void Read(std::string_view key, std::vector<std::vector<int64_t>>& values, IntegerRange range = {});

  // The member, or null; it counts as read.
  const nlohmann::json* Member(std::string_view key);
  std::string PathOf(std::string_view key) const { return path_ + "." + std::string(key); }
  // Notes "<path>.<key>: <what>" unless something was noted before.
  void Fail(std::string_view key, const std::string& what);

  absl::Status Finish();

 private:
  void FailType(std::string_view key, const nlohmann::json& value, const char* expected);
  bool Integer(std::string_view key, const nlohmann::json& json, int64_t& value, IntegerRange range);
  bool Number(std::string_view key, const nlohmann::json& json, double& value, NumberRange range);

  const nlohmann::json& json_;
  const std::string path_;
  std::set<std::string, std::less<>> read_;
  absl::Status status_;
};

}  // namespace ovi
