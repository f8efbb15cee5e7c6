#include "base/clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace ovi {
namespace {

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  absl::Duration Elapsed() const override {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace

Clock& RealClock() {
  static SystemClock clock;
  return clock;
}

absl::Time FakeClock::Now() const {
  MutexLock lock(mutex_);
  return start_ + elapsed_;
}

absl::Duration FakeClock::Elapsed() const {
  MutexLock lock(mutex_);
  return elapsed_;
}

void FakeClock::Advance(absl::Duration by) {
  MutexLock lock(mutex_);
  elapsed_ += by;
}

}  // namespace ovi
