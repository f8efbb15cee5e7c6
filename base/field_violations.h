// Which fields of a request are wrong, carried inside an absl::Status from the place that checks to the one that
// answers.
//
//   FieldViolations violations;
//   if (height <= 0) violations.Add("height", "INVALID_SIZE", absl::StrFormat("height is %d; ask for 32 to 4096",
//   height)); OVI_RETURN_IF_ERROR(violations.ToStatus());
//
// Every description names the field, the value and the remedy; `reason` is UPPER_SNAKE_CASE and stable (AIP-193).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace ovi {

struct FieldViolation {
  std::string field;  // as the API spells it, e.g. "steps"; nested with dots
  std::string reason;
  std::string description;
  bool operator==(const FieldViolation&) const = default;
};

class FieldViolations {
 public:
  void Add(std::string_view field, std::string_view reason, std::string_view description);
  bool empty() const { return violations_.empty(); }

  // OK if empty; else InvalidArgument whose message joins the descriptions and whose payload holds the violations.
  absl::Status ToStatus() const;

 private:
  std::vector<FieldViolation> violations_;
};

// What ToStatus stored; empty for any other status.
std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status);

// A stable UPPER_SNAKE_CASE cause on any error (`google.rpc.ErrorInfo.reason`), e.g. "UNKNOWN_CHECKPOINT".
absl::Status WithReason(absl::Status status, std::string_view reason);
// Empty if none was given.
std::string ReasonOf(const absl::Status& status);

}  // namespace ovi
