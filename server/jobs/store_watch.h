// Follows what other servers do to the jobs of a shared store: hints from the store wake it, and slow polling is what
// can be relied on. It also takes up jobs whose server was not heard of in time.
#pragma once

#include <thread>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "server/jobs/job_queue.h"

namespace ovi {

struct StoreWatchOptions {
  // Between two looks without a hint.
  absl::Duration poll = absl::Seconds(2);
  // The least time between two looks, however many hints come.
  absl::Duration pause = absl::Milliseconds(50);
  // How long jobs of others are left alone after the store could not be reached: their servers could not renew either.
  absl::Duration grace = absl::Seconds(20);
};

class StoreWatch {
 public:
  // Starts at once. `store` is shared; both outlive the watch.
  StoreWatch(JobStore& store, JobQueue& queue, const Clock& clock, const StoreWatchOptions& options);
  ~StoreWatch();
  StoreWatch(const StoreWatch&) = delete;
  StoreWatch& operator=(const StoreWatch&) = delete;

 private:
  void Run();
  absl::Status Look();

  JobStore& store_;
  JobQueue& queue_;
  const Clock& clock_;
  const StoreWatchOptions options_;
  // Of the thread alone.
  bool reachable_ = true;
  absl::Duration reachable_since_ = -absl::InfiniteDuration();
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool news_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ovi
