// A thread that does something again and again until this is destroyed.
#pragma once

#include <functional>
#include <thread>
#include <utility>

#include "absl/time/time.h"
#include "base/mutex.h"

namespace ovi {

class Periodic {
 public:
  // `work` for the first time after `interval`; what it uses outlives this.
  Periodic(absl::Duration interval, std::function<void()> work)
      : interval_(interval), work_(std::move(work)), thread_([this] { Run(); }) {}
  ~Periodic() {
    {
      MutexLock lock(mutex_);
      ended_ = true;
    }
    changed_.NotifyAll();
    thread_.join();
  }
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

 private:
  bool Wait() {
    MutexLock lock(mutex_);
    return !changed_.WaitFor(lock, interval_, [this] { return ended_; });
  }
  void Run() {
    while (Wait()) work_();
  }

  const absl::Duration interval_;
  const std::function<void()> work_;
  Mutex mutex_;
  CondVar changed_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace ovi
