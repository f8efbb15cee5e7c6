// Tells whoever watches what happens to jobs, without ever waiting for them.
//
// Publish appends to the job's log and returns; a thread of its own wakes the watchers, each of which reads on from
// where it is. So a slow watcher costs the engine nothing and holds no more than its place; one that comes late, or
// comes back with the last number it saw, reads from the same log. Logs of the last `max_ended_logs` ended jobs are
// kept; the record of an older job tells its outcome. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "server/jobs/event_log.h"

namespace ovi {

// One watcher's place in a job's events. Thread-safe. Keeps the log alive; letting go of it ends the watch.
class JobWatch {
 public:
  virtual ~JobWatch() = default;
  // The next event, or null if there is none yet. After the outcome there is none ever.
  virtual std::shared_ptr<const JobEvent> Next() = 0;
  // Whether the log was forgotten: what Next has not returned yet still comes, and nothing else.
  virtual bool dropped() const = 0;
};

class JobEvents {
 public:
  struct Options {
    // Steps, frame groups and the rest of an ordinary job: nothing of it is dropped.
    size_t max_events_per_job = 256;
    size_t max_ended_logs = 1000;
  };

  JobEvents(const Clock& clock, Options options);
  explicit JobEvents(const Clock& clock) : JobEvents(clock, Options()) {}
  ~JobEvents();  // no watcher is called any more

  // Begins the job's log with its first event; numbers begin above `given_before`. Events of jobs without a log are
  // dropped.
  void Open(const JobId& id, JobNews first, int64_t given_before = 0);
  void Publish(const JobId& id, JobNews news);
  // Forgets the log. Watchers that have it read on to its end.
  void Drop(const JobId& id);

  // Null if the job has no log. Events that come get numbers above `after`, also where another server gave that number;
  // those that are there already and have no higher one are not seen. `on_news` is called on this object's thread
  // whenever there may be something new, once at the start too; it must not block, and must not destroy the JobEvents.
  std::shared_ptr<JobWatch> Watch(const JobId& id, int64_t after, std::function<void()> on_news);

  // 0 if the job has no log.
  int64_t LastNumber(const JobId& id) const;

 private:
  class Watcher;
  struct Channel;

  void AppendLocked(const JobId& id, Channel& channel, JobNews news) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeWatchers();

  const Clock& clock_;
  const Options options_;
  mutable Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<JobId, std::shared_ptr<Channel>> channels_ ABSL_GUARDED_BY(mutex_);
  std::deque<JobId> ended_ ABSL_GUARDED_BY(mutex_);  // oldest first
  std::set<std::shared_ptr<Channel>> with_news_ ABSL_GUARDED_BY(mutex_);
  std::thread waker_;
};

}  // namespace ovi
