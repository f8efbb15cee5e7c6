// What the checks of flags share: how a flag is refused.
#pragma once

#include <string_view>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "base/field_violations.h"

namespace ovi {

// Notes what is wrong with flags. `violations` must outlive it.
class FlagChecker {
 public:
  explicit FlagChecker(FieldViolations& violations) : violations_(violations) {}

  // `why` goes on after the flag's name: "is 3; take 1 to 2".
  void Refuse(std::string_view flag, std::string_view why) {
    violations_.Add(flag, "INVALID_FLAG", absl::StrFormat("--%s %s", flag, why));
  }

  template <typename Number>
  void CheckRange(std::string_view flag, Number value, Number least, Number most) {
    if (value >= least && value <= most) return;
    Refuse(flag, absl::StrFormat("is %d; take %d to %d", value, least, most));
  }

  void CheckRange(std::string_view flag, absl::Duration value, absl::Duration least, absl::Duration most) {
    if (value >= least && value <= most) return;
    Refuse(flag, absl::StrFormat("is %s; take %s to %s", absl::FormatDuration(value), absl::FormatDuration(least),
                                 absl::FormatDuration(most)));
  }

  void CheckAtLeast(std::string_view flag, absl::Duration value, absl::Duration least) {
    if (value >= least) return;
    Refuse(flag, absl::StrFormat("is %s; take %s or more", absl::FormatDuration(value), absl::FormatDuration(least)));
  }

 private:
  FieldViolations& violations_;
};

}  // namespace ovi
