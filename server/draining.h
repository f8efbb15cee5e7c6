// How ovi-server is told to stop, and what it does until it may.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "server/server.h"
#include "server/supervision/service_manager.h"

namespace ovi {

// How many times we were told to stop, and whether the device is lost, for whoever waits for it.
class StopRequests {
 public:
  void Add(int count) {
    MutexLock lock(mutex_);
    count_ = count;
    changed_.NotifyAll();
  }
  void LoseDevice(const absl::Status& why) {
    MutexLock lock(mutex_);
    device_ = why;
    changed_.NotifyAll();
  }
  // True when told so often, or the device is lost.
  bool WaitFor(int count, absl::Duration timeout) {
    MutexLock lock(mutex_);
    return changed_.WaitFor(lock, timeout, [&] { return count_ >= count || !device_.ok(); });
  }
  // OK while the device works.
  absl::Status device() {
    MutexLock lock(mutex_);
    return device_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status device_ ABSL_GUARDED_BY(mutex_);
};

// Returns when the running job has ended, the time is up, or we are told a second time.
void Drain(OviServer& server, ServiceManager& manager, StopRequests& requests, absl::Duration timeout);

}  // namespace ovi
