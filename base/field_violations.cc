#include "base/field_violations.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"

namespace ovi {
namespace {

constexpr char kViolationsUrl[] = "ovi/field_violations";
constexpr char kReasonUrl[] = "ovi/reason";
// The payload is a list of records; ASCII has separators for exactly that, and Add drops them from its input.
constexpr char kUnit = '\x1f';
constexpr char kRecord = '\x1e';

std::string WithoutSeparators(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != kUnit && c != kRecord) out.push_back(c);
  }
  return out;
}

}  // namespace

void FieldViolations::Add(std::string_view field, std::string_view reason, std::string_view description) {
  violations_.push_back({WithoutSeparators(field), WithoutSeparators(reason), WithoutSeparators(description)});
}

absl::Status FieldViolations::ToStatus() const {
  if (violations_.empty()) return absl::OkStatus();
  std::string message;
  std::string payload;
  for (const FieldViolation& violation : violations_) {
    if (!message.empty()) {
      message += "; ";
      payload.push_back(kRecord);
    }
    message += violation.description;
    payload += violation.field + kUnit + violation.reason + kUnit + violation.description;
  }
  absl::Status status = absl::InvalidArgumentError(message);
  status.SetPayload(kViolationsUrl, absl::Cord(payload));
  return WithReason(std::move(status), violations_.size() == 1 ? violations_[0].reason : "INVALID_REQUEST");
}

std::vector<FieldViolation> FieldViolationsOf(const absl::Status& status) {
  std::vector<FieldViolation> violations;
  const auto payload = status.GetPayload(kViolationsUrl);
  if (!payload.has_value()) return violations;
  const std::string bytes(*payload);
  for (const std::string& record : std::vector<std::string>(absl::StrSplit(bytes, kRecord))) {
    const std::vector<std::string> units = absl::StrSplit(record, kUnit);
    if (units.size() == 3) violations.push_back({units[0], units[1], units[2]});
  }
  return violations;
}

absl::Status WithReason(absl::Status status, std::string_view reason) {
  status.SetPayload(kReasonUrl, absl::Cord(std::string(reason)));
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kReasonUrl);
  return payload.has_value() ? std::string(*payload) : std::string();
}

}  // namespace ovi
