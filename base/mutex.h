// std::mutex under Abseil's thread-safety annotations: the packaged absl::Mutex gives ThreadSanitizer false races.
//
//   Mutex mutex_;
//   std::deque<JobId> waiting_ ABSL_GUARDED_BY(mutex_);
//   MutexLock lock(mutex_);
//   changed_.Wait(lock, [&] { return !waiting_.empty(); });
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

namespace ovi {

class ABSL_LOCKABLE Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : lock_(mutex.mutex_) {}
  ~MutexLock() ABSL_UNLOCK_FUNCTION() = default;
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  friend class CondVar;
  std::unique_lock<std::mutex> lock_;
};

class CondVar {
 public:
  void NotifyAll() { condition_.notify_all(); }

  template <typename Predicate>
  void Wait(MutexLock& lock, Predicate predicate) {
    condition_.wait(lock.lock_, std::move(predicate));
  }

  // False if `timeout` passed first. The wait is real time: what a fake clock must drive belongs on a Clock, not here.
  template <typename Predicate>
  bool WaitFor(MutexLock& lock, absl::Duration timeout, Predicate predicate) {
    return condition_.wait_for(lock.lock_, absl::ToChronoMilliseconds(timeout), std::move(predicate));
  }

 private:
  std::condition_variable condition_;
};

}  // namespace ovi
