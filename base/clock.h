// Where time comes from, so that tests can move it. Thread-safe.
#pragma once

#include "absl/time/time.h"
#include "base/mutex.h"

namespace ovi {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;          // wall time, for records
  virtual absl::Duration Elapsed() const = 0;  // monotonic, for durations; its zero is arbitrary
};

// The machine's clocks. Lives as long as the process.
Clock& RealClock();

// Stands still until advanced.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time start = absl::UnixEpoch()) : start_(start) {}
  absl::Time Now() const override;
  absl::Duration Elapsed() const override;
  void Advance(absl::Duration by);

 private:
  const absl::Time start_;
  mutable Mutex mutex_;
  absl::Duration elapsed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ovi
