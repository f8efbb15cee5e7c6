// The worker's side of JobQueue: take, finish, put back.
#include <string>
#include <utility>

#include "base/field_violations.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/jobs/job_errors.h"
#include "server/jobs/job_queue.h"

namespace ovi {
namespace {

// Between two questions to a store that does not answer.
constexpr absl::Duration kRetryStore = absl::Milliseconds(500);
// While somebody else has a hand on the only job that waits.
constexpr absl::Duration kRetryClaim = absl::Milliseconds(50);

}  // namespace

std::optional<Job> JobQueue::Take() {
  while (true) {
    {
      MutexLock lock(mutex_);
      changed_.Wait(lock, [this] { return closed_ || !waiting_.empty(); });
      if (closed_) return std::nullopt;
    }
    ExpireOverdue();
    absl::StatusOr<std::optional<Job>> taken = TryToTake();
    if (taken.ok() && taken->has_value()) return *std::move(taken);
    if (!taken.ok()) log::Error("no job can be taken, trying again: %s", std::string(taken.status().message()));
    MutexLock lock(mutex_);
    if (taken.ok()) {
      changed_.WaitFor(lock, kRetryClaim, [this] { return closed_ || waiting_.empty(); });
    } else {
      changed_.WaitFor(lock, kRetryStore, [this] { return closed_; });
    }
  }
}

absl::StatusOr<std::optional<Job>> JobQueue::TryToTake() {
  MutexLock order(order_);
  OVI_ASSIGN_OR_RETURN(std::optional<Job> job, parts_.store.Claim(parts_.clock.Now()));
  if (!job.has_value()) {
    // Other servers took what waited.
    if (parts_.store.shared()) OVI_RETURN_IF_ERROR(CatchUpInOrder());
    return job;
  }
  {
    MutexLock lock(mutex_);
    waiting_.Remove(*job);
  }
  OpenEvents(*job);
  others_.Forget(job->id);
  parts_.running.Begin(*job, parts_.times.Whole(*job->spec.clip));
  parts_.events.Publish(job->id, JobStarted{job->attempts});
  TellPlaces();
  return job;
}

absl::Status JobQueue::Finish(const Job& job, const JobEnd& end) {
  while (true) {
    const absl::Status status = TryToFinish(job, end);
    if (!MayPass(status)) return status;
    log::Error("its end cannot be stored, trying again: %s", std::string(status.message()));
    parts_.running.SignOfLife();
    MutexLock lock(mutex_);
    if (!changed_.WaitFor(lock, kRetryStore, [this] { return closed_; })) continue;
    parts_.running.End();
    return status;
  }
}

absl::Status JobQueue::TryToFinish(const Job& job, const JobEnd& end) {
  MutexLock order(order_);
  JobEnd dated = end;
  dated.expire_time = ExpireTime(job.spec, end.time);
  absl::StatusOr<Job> ended = parts_.store.End(job, dated);
  if (MayPass(ended.status())) return ended.status();
  parts_.running.End();
  if (ended.status().code() == absl::StatusCode::kAborted && parts_.store.shared()) others_.Expect(job);
  if (!ended.ok()) return ended.status();
  parts_.telemetry.OnEnded(*ended);
  parts_.events.Publish(job.id, JobOutcome{*std::move(ended)});
  TellPlaces();
  return absl::OkStatus();
}

absl::Status JobQueue::PutBack(const Job& job) {
  MutexLock order(order_);
  OVI_ASSIGN_OR_RETURN(const Job queued, parts_.store.Requeue(job, Attempt::kDoesNotCount));
  parts_.running.End();
  {
    MutexLock lock(mutex_);
    waiting_.Add(queued);
  }
  parts_.events.Publish(job.id, JobRequeued{"its server stops; the next one makes it from the beginning"});
  TellPlaces();
  return absl::OkStatus();
}

void JobQueue::ExpireOverdue() {
  const absl::Time now = parts_.clock.Now();
  std::vector<JobId> overdue;
  {
    MutexLock lock(mutex_);
    overdue = waiting_.Overdue(now);
  }
  if (overdue.empty()) return;
  MutexLock order(order_);
  for (const JobId& id : overdue) {
    const absl::StatusOr<Job> job = parts_.store.Get(id);
    if (!job.ok() || job->state != JobState::kQueued) continue;  // cancelled meanwhile
    EndQueued(
        *job, JobState::kExpired,
        WithReason(absl::DeadlineExceededError("its deadline passed while it was queued; allow more time, or ask when "
                                               "fewer jobs are ahead"),
                   "DEADLINE_PASSED_IN_QUEUE"))
        .IgnoreError();
  }
  TellPlaces();
}

}  // namespace ovi
