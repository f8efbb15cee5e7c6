// The queued jobs in the order in which they will be served, and when each may expect its turn: a copy, in memory, of
// what the store says. Not thread-safe: JobQueue guards it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/jobs/job.h"
#include "server/jobs/progress.h"
#include "server/jobs/step_times.h"

namespace ovi {

// The jobs that are made now, here and by other servers: each server makes one.
struct BeingMade {
  int jobs = 0;
  Estimate left;  // of all of them together
  void Add(const Estimate& one) {
    ++jobs;
    left = {left.remaining + one.remaining, left.first_guess || one.first_guess};
  }
};

class WaitingJobs {
 public:
  using Key = std::pair<int64_t, int64_t>;  // Job::Turn

  void Add(const Job& job);
  void Remove(const Key& turn);
  void Remove(const Job& job) { Remove(job.Turn()); }
  void Remove(const JobId& id);  // looks at all of them
  bool Contains(const Key& turn) const { return waiting_.contains(turn); }
  // Those whose turn is not among `turns`.
  std::vector<JobId> NotIn(const std::set<Key>& turns) const;
  bool empty() const { return waiting_.empty(); }
  int size() const { return static_cast<int>(waiting_.size()); }

  // Where the job stands; nothing if it does not wait. `running`: the jobs before them all. As many servers as make one
  // share those that wait.
  std::optional<QueuePlace> PlaceOf(const Job& job, const StepTimes& times, const BeingMade& running) const;

  // Those whose number of jobs ahead is another than this call last told: who is to be told now.
  std::vector<std::pair<JobId, QueuePlace>> Moved(const StepTimes& times, const BeingMade& running);

  // Whether `job` waits behind all others, so that its arrival concerns nobody else.
  bool IsLast(const Job& job) const;
  // For the last one, and tells it. There must be one.
  std::pair<JobId, QueuePlace> TellLast(const StepTimes& times, const BeingMade& running);

  // Those that have a deadline at or before `now`.
  std::vector<JobId> Overdue(absl::Time now) const;

 private:
  struct Waiting {
    JobId id;
    std::shared_ptr<const ClipSpec> clip;
    absl::Time deadline;
    int told_ahead = -1;
  };
  // What is ahead of a job among those that wait, and what it takes itself.
  struct Turn {
    Key key;
    Estimate ahead, own;
  };
  // In order, one for each job. Worked out when somebody asks after a job left or a time was measured; a new job only
  // adds one.
  const std::vector<Turn>& Turns(const StepTimes& times) const;
  void Append(const Key& key, const ClipSpec& clip, const StepTimes& times) const;
  std::optional<QueuePlace> PlaceOf(const Key& key, const StepTimes& times, const BeingMade& running) const;
  static QueuePlace PlaceAt(size_t index, const std::vector<Turn>& turns, const BeingMade& running);

  std::map<Key, Waiting> waiting_;
  mutable std::vector<Turn> turns_;
  mutable int64_t times_version_ = -1;
};

}  // namespace ovi
