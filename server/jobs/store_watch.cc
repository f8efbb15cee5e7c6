#include "server/jobs/store_watch.h"

#include <string>

#include "base/log.h"
#include "base/status_macros.h"

namespace ovi {

StoreWatch::StoreWatch(JobStore& store, JobQueue& queue, const Clock& clock, const StoreWatchOptions& options)
    : store_(store), queue_(queue), clock_(clock), options_(options), thread_([this] { Run(); }) {
  store_.OnNews([this] {
    MutexLock lock(mutex_);
    news_ = true;
    changed_.NotifyAll();
  });
}

StoreWatch::~StoreWatch() {
  store_.OnNews(nullptr);
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void StoreWatch::Run() {
  while (true) {
    {
      MutexLock lock(mutex_);
      if (changed_.WaitFor(lock, options_.pause, [this] { return stopping_; })) return;
      changed_.WaitFor(lock, options_.poll - options_.pause, [this] { return stopping_ || news_; });
      if (stopping_) return;
      news_ = false;
    }
    const absl::Status status = Look();
    if (!status.ok() && reachable_) {
      log::Error("other servers cannot be followed, trying again: %s", std::string(status.message()));
    }
    if (status.ok() && !reachable_) {
      log::Info("other servers are followed again");
      reachable_since_ = clock_.Elapsed();
    }
    reachable_ = status.ok();
  }
}

absl::Status StoreWatch::Look() {
  OVI_RETURN_IF_ERROR(queue_.CatchUp());
  if (!reachable_ || clock_.Elapsed() - reachable_since_ < options_.grace) return absl::OkStatus();
  return queue_.TakeUpAbandoned();
}

}  // namespace ovi
