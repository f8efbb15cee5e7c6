// The events of one job, bounded: when there are too many, progress that newer progress has replaced goes first. What
// is not progress is never dropped; a job has some twenty of those. Not thread-safe: JobEvents guards it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>

#include "server/jobs/job_event.h"

namespace ovi {

class EventLog {
 public:
  explicit EventLog(size_t max_events, int64_t given_before = 0)
      : max_events_(max_events), last_number_(given_before) {}

  // Gives the event its number and keeps it. Of previews only the newest is kept: they are large.
  void Append(absl::Time time, JobNews news);

  // The first event with a number above `after`; null if there is none yet.
  std::shared_ptr<const JobEvent> FirstAfter(int64_t after) const;

  int64_t last_number() const { return last_number_; }
  // Numbers go on above `number`, which another server gave.
  void GoOnAbove(int64_t number) { last_number_ = std::max(last_number_, number); }
  bool has_outcome() const;

 private:
  // Drops the oldest event for which `droppable` holds.
  template <typename Predicate>
  bool DropOldest(Predicate droppable);

  const size_t max_events_;
  int64_t last_number_;
  std::deque<std::shared_ptr<const JobEvent>> events_;  // shared: a thousand watchers may be sending one
};

}  // namespace ovi
