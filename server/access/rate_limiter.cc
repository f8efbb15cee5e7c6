#include "server/access/rate_limiter.h"

#include <algorithm>

namespace ovi {

// A bucket as one point in time: each submission moves the time at which it is full again by one interval, and none may
// move it further than a whole burst from now.
absl::Duration RateLimiter::Take(std::string_view principal, const Rate& rate) {
  const absl::Duration interval = absl::Minutes(1) / rate.per_minute;
  const absl::Duration now = clock_.Elapsed();
  MutexLock lock(mutex_);
  const auto known = full_at_.find(principal);
  const absl::Duration full_at = std::max(now, known == full_at_.end() ? now : known->second) + interval;
  const absl::Duration wait = full_at - interval * rate.burst - now;
  if (wait > absl::ZeroDuration()) return absl::Ceil(wait, absl::Seconds(1));
  ForgetFull(now);
  full_at_[std::string(principal)] = full_at;
  return absl::ZeroDuration();
}

void RateLimiter::ForgetFull(absl::Duration now) {
  std::erase_if(full_at_, [now](const auto& bucket) { return bucket.second <= now; });
}

size_t RateLimiter::size() const {
  MutexLock lock(mutex_);
  return full_at_.size();
}

}  // namespace ovi
