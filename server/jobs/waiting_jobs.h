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

class WaitingJobs {
 public:
  void Add(const Job& job);
  void Remove(const Job& job);
  bool empty() const { return waiting_.empty(); }
  int size() const { return static_cast<int>(waiting_.size()); }

  // Where those of `sequences` stand that wait. `running`: what is left of the job before them; nothing if none runs.
  std::map<int64_t, QueuePlace> PlacesOf(const std::set<int64_t>& sequences, const StepTimes& times,
                                         std::optional<Estimate> running) const;

  // Those whose number of jobs ahead is another than this call last told: who is to be told now.
  std::vector<std::pair<JobId, QueuePlace>> Moved(const StepTimes& times, std::optional<Estimate> running);

  // For the newest, which is the only one that its own arrival concerns. There must be one.
  std::pair<JobId, QueuePlace> TellNewest(const StepTimes& times, std::optional<Estimate> running);

  // Those that have a deadline at or before `now`.
  std::vector<JobId> Overdue(absl::Time now) const;

 private:
  struct Waiting {
    JobId id;
    std::shared_ptr<const ClipSpec> clip;
    absl::Time deadline;
    mutable int told_ahead = -1;
  };
  // Goes through the jobs from the first on, until `visit(sequence, waiting, place)` says false.
  template <typename Visit>
  void Walk(const StepTimes& times, std::optional<Estimate> running, Visit visit) const;

  std::map<int64_t, Waiting> waiting_;  // by Job::sequence
};

}  // namespace ovi
