#include "server/jobs/job_events.h"

#include <algorithm>
#include <utility>

namespace ovi {

// A job's log and who reads it. Its own lock, so that watchers of one job do not hold up another.
struct JobEvents::Channel {
  Channel(size_t max_events, int64_t given_before) : log(max_events, given_before) {}
  mutable Mutex mutex;
  EventLog log ABSL_GUARDED_BY(mutex);
  bool dropped ABSL_GUARDED_BY(mutex) = false;
  std::vector<std::weak_ptr<Watcher>> watchers ABSL_GUARDED_BY(mutex);
};

class JobEvents::Watcher final : public JobWatch {
 public:
  Watcher(std::shared_ptr<Channel> channel, int64_t after, std::function<void()> on_news)
      : channel_(std::move(channel)), on_news_(std::move(on_news)), seen_(after) {}

  std::shared_ptr<const JobEvent> Next() override {
    MutexLock lock(channel_->mutex);
    std::shared_ptr<const JobEvent> event = channel_->log.FirstAfter(seen_);
    if (event != nullptr) seen_ = event->number;
    return event;
  }

  bool dropped() const override {
    MutexLock lock(channel_->mutex);
    return channel_->dropped;
  }

  void Wake() const { on_news_(); }

 private:
  const std::shared_ptr<Channel> channel_;
  const std::function<void()> on_news_;
  int64_t seen_;  // guarded by channel_->mutex
};

JobEvents::JobEvents(const Clock& clock, Options options)
    : clock_(clock), options_(options), waker_([this] { WakeWatchers(); }) {}

JobEvents::~JobEvents() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  waker_.join();
}

void JobEvents::Open(const JobId& id, JobNews first, int64_t given_before) {
  MutexLock lock(mutex_);
  auto& channel = channels_[id];
  channel = std::make_shared<Channel>(options_.max_events_per_job, given_before);
  AppendLocked(id, *channel, std::move(first));
}

void JobEvents::Publish(const JobId& id, JobNews news) {
  {
    MutexLock lock(mutex_);
    const auto channel = channels_.find(id);
    if (channel == channels_.end()) return;
    AppendLocked(id, *channel->second, std::move(news));
    with_news_.insert(channel->second);
  }
  changed_.NotifyAll();
}

void JobEvents::AppendLocked(const JobId& id, Channel& channel, JobNews news) {
  const bool is_outcome = std::holds_alternative<JobOutcome>(news);
  {
    MutexLock lock(channel.mutex);
    if (channel.log.has_outcome()) return;  // the outcome is the last word, whoever comes late
    channel.log.Append(clock_.Now(), std::move(news));
  }
  if (!is_outcome) return;
  ended_.push_back(id);
  if (ended_.size() <= options_.max_ended_logs) return;
  channels_.erase(ended_.front());
  ended_.pop_front();
}

void JobEvents::Drop(const JobId& id) {
  {
    MutexLock lock(mutex_);
    const auto channel = channels_.find(id);
    if (channel == channels_.end()) return;
    {
      MutexLock channel_lock(channel->second->mutex);
      channel->second->dropped = true;
    }
    with_news_.insert(channel->second);
    channels_.erase(channel);
    std::erase(ended_, id);
  }
  changed_.NotifyAll();
}

std::shared_ptr<JobWatch> JobEvents::Watch(const JobId& id, int64_t after, std::function<void()> on_news) {
  std::shared_ptr<Watcher> watcher;
  {
    MutexLock lock(mutex_);
    const auto channel = channels_.find(id);
    if (channel == channels_.end()) return nullptr;
    watcher = std::make_shared<Watcher>(channel->second, after, std::move(on_news));
    MutexLock channel_lock(channel->second->mutex);
    channel->second->log.GoOnAbove(after);
    std::erase_if(channel->second->watchers, [](const auto& each) { return each.expired(); });
    channel->second->watchers.push_back(watcher);
    with_news_.insert(channel->second);
  }
  changed_.NotifyAll();
  return watcher;
}

int64_t JobEvents::LastNumber(const JobId& id) const {
  MutexLock lock(mutex_);
  const auto channel = channels_.find(id);
  if (channel == channels_.end()) return 0;
  MutexLock channel_lock(channel->second->mutex);
  return channel->second->log.last_number();
}

void JobEvents::WakeWatchers() {
  while (true) {
    std::set<std::shared_ptr<Channel>> channels;
    {
      MutexLock lock(mutex_);
      changed_.Wait(lock, [this] { return stopping_ || !with_news_.empty(); });
      if (stopping_) return;
      channels.swap(with_news_);
    }
    for (const std::shared_ptr<Channel>& channel : channels) {
      std::vector<std::shared_ptr<Watcher>> watchers;
      {
        MutexLock lock(channel->mutex);
        for (const std::weak_ptr<Watcher>& each : channel->watchers) {
          if (std::shared_ptr<Watcher> watcher = each.lock()) watchers.push_back(std::move(watcher));
        }
      }
      // Outside the locks: a watcher reads its next event from in here.
      for (const std::shared_ptr<Watcher>& watcher : watchers) watcher->Wake();
    }
  }
}

}  // namespace ovi
