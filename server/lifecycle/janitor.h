// The thread that cleans up after jobs: what has expired every 15 seconds, what crashes left at start and every hour.
#pragma once

#include <atomic>

#include "absl/time/time.h"
#include "base/repeating_thread.h"
#include "server/lifecycle/expiry.h"
#include "server/lifecycle/orphans.h"

namespace ovi {

class Janitor {
 public:
  // Starts at once. `parts` outlive it. What cannot be cleaned up now is logged, and tried again the next time.
  explicit Janitor(const LifecycleParts& parts);
  // Waits for the deletion it is at, up to 20 seconds with an S3 that does not answer.
  ~Janitor();

 private:
  void CleanUp();

  const LifecycleParts parts_;
  Orphans orphans_;
  std::atomic<bool> stopping_ = false;
  absl::Duration next_sweep_;
  RepeatingThread thread_;
};

}  // namespace ovi
