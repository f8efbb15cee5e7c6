#include "server/service/live_calls.h"

#include <vector>

namespace ovi {
namespace {

std::vector<std::shared_ptr<LiveCall>> Alive(const std::map<const LiveCall*, std::weak_ptr<LiveCall>>& calls) {
  std::vector<std::shared_ptr<LiveCall>> alive;
  for (const auto& [pointer, weak] : calls) {
    if (std::shared_ptr<LiveCall> call = weak.lock()) alive.push_back(std::move(call));
  }
  return alive;
}

}  // namespace

void LiveCalls::Add(const std::shared_ptr<LiveCall>& call) {
  std::optional<absl::Status> stopped;
  {
    MutexLock lock(mutex_);
    calls_.emplace(call.get(), call);
    stopped = stopped_;
  }
  if (stopped.has_value()) call->Stop(*stopped);
}

void LiveCalls::Remove(const LiveCall* call) {
  MutexLock lock(mutex_);
  calls_.erase(call);
  changed_.NotifyAll();
}

void LiveCalls::StopEndless(const absl::Status& status) {
  std::vector<std::shared_ptr<LiveCall>> calls;
  {
    MutexLock lock(mutex_);
    calls = Alive(calls_);
  }
  for (const auto& call : calls) {
    if (!call->EndsByItself()) call->Stop(status);
  }
}

void LiveCalls::StopAll(const absl::Status& status) {
  std::vector<std::shared_ptr<LiveCall>> calls;
  {
    MutexLock lock(mutex_);
    stopped_ = status;
    calls = Alive(calls_);
  }
  for (const auto& call : calls) call->Stop(status);
}

bool LiveCalls::WaitUntilNone(absl::Duration timeout) {
  MutexLock lock(mutex_);
  return changed_.WaitFor(lock, timeout, [this] { return calls_.empty(); });
}

size_t LiveCalls::size() const {
  MutexLock lock(mutex_);
  return calls_.size();
}

}  // namespace ovi
