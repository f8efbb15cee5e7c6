#include "base/repeating_thread.h"

#include <utility>

namespace ovi {

RepeatingThread::RepeatingThread(absl::Duration first_wait, Work work)
    : thread_([this, first_wait, work = std::move(work)] { Run(first_wait, work); }) {}

RepeatingThread::~RepeatingThread() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void RepeatingThread::Run(absl::Duration first_wait, const Work& work) {
  for (std::optional<absl::Duration> wait = first_wait; wait.has_value() && Wait(*wait);) wait = work();
}

bool RepeatingThread::Wait(absl::Duration time) {
  MutexLock lock(mutex_);
  return !changed_.WaitFor(lock, time, [this] { return stopping_; });
}

}  // namespace ovi
