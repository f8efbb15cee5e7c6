#include "server/lifecycle/repeating_thread.h"

#include <utility>

namespace ovi {

RepeatingThread::RepeatingThread(absl::Duration every, std::function<bool()> work)
    : every_(every), thread_([this, work = std::move(work)] { Run(work); }) {}

RepeatingThread::~RepeatingThread() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void RepeatingThread::Run(const std::function<bool()>& work) {
  while (true) {
    const bool more = work();
    MutexLock lock(mutex_);
    if (changed_.WaitFor(lock, more ? absl::ZeroDuration() : every_, [this] { return stopping_; })) return;
  }
}

}  // namespace ovi
