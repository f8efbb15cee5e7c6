// How often each principal submits: a token bucket for each, so that a pause earns a burst and no more.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace ovi {

struct Rate {
  double per_minute = 0;  // above 0
  int64_t burst = 1;
};

// Thread-safe. Keeps nothing of a principal whose bucket is full again.
class RateLimiter {
 public:
  explicit RateLimiter(const Clock& clock) : clock_(clock) {}

  // Zero if one more is allowed, which is counted; else how long until one is, rounded up to whole seconds.
  absl::Duration Take(std::string_view principal, const Rate& rate);
  size_t size() const;

 private:
  void ForgetFull(absl::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  mutable Mutex mutex_;
  // When each will be full again, by the clock's Elapsed.
  std::map<std::string, absl::Duration, std::less<>> full_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ovi
