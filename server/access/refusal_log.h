// Tells the log of callers that were turned away, without letting them fill it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace ovi {

// One line at once, then at most one in this time, with how many there were.
constexpr absl::Duration kRefusalLogInterval = absl::Seconds(10);

// Thread-safe.
class RefusalLog {
 public:
  explicit RefusalLog(const Clock& clock) : clock_(clock) {}

  // `peer` is gRPC's name of the other side, `reason` one of ours. Whether a line was written.
  bool Note(std::string_view peer, std::string_view reason);

 private:
  const Clock& clock_;
  Mutex mutex_;
  std::optional<absl::Duration> last_ ABSL_GUARDED_BY(mutex_);  // by the clock's Elapsed
  int64_t untold_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace ovi
