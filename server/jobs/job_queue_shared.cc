// What other servers on the same store do: the part of JobQueue that follows them. Every call works on what the store
// says at that moment, and holds order_ meanwhile, so that nothing of our own is under way.
#include <set>
#include <utility>

#include "base/log.h"
#include "base/status_macros.h"
#include "server/jobs/job_queue.h"

namespace ovi {
namespace {

// Somebody else was faster, and what that led to is seen at the next look.
bool IsOutdated(const absl::Status& status) {
  return status.code() == absl::StatusCode::kAborted || status.code() == absl::StatusCode::kNotFound;
}

constexpr std::string_view kWhyRequeued = "its server stopped, or was not heard of in time; it is made again";

}  // namespace

absl::Status JobQueue::CatchUp() {
  if (!parts_.store.shared()) return absl::OkStatus();
  MutexLock order(order_);
  return CatchUpInOrder();
}

absl::Status JobQueue::CatchUpInOrder() {
  OVI_ASSIGN_OR_RETURN(const std::vector<JobGlance> unfinished, parts_.store.Unfinished());
  std::set<WaitingJobs::Key> queued;
  std::set<JobId> running;
  for (const JobGlance& glance : unfinished) {
    if (glance.running) {
      running.insert(glance.id);
      OVI_RETURN_IF_ERROR(SeeRunning(glance));
    } else {
      queued.insert(glance.turn);
      OVI_RETURN_IF_ERROR(SeeQueued(glance));
    }
  }
  const std::vector<JobId> missing = others_.Missing(running);
  std::set<JobId> gone(missing.begin(), missing.end());  // one may have been waiting to our knowledge, too
  {
    MutexLock lock(mutex_);
    for (JobId& id : waiting_.NotIn(queued)) gone.insert(std::move(id));
  }
  for (const JobId& id : gone) OVI_RETURN_IF_ERROR(SeeGone(id));
  {
    MutexLock lock(mutex_);
    elsewhere_ = others_.being_made();
  }
  changed_.NotifyAll();
  TellPlaces();
  return absl::OkStatus();
}

absl::Status JobQueue::SeeQueued(const JobGlance& glance) {
  {
    MutexLock lock(mutex_);
    if (waiting_.Contains(glance.turn)) return absl::OkStatus();
  }
  const absl::StatusOr<Job> job = parts_.store.Get(glance.id);
  if (IsOutdated(job.status())) return absl::OkStatus();
  OVI_RETURN_IF_ERROR(job.status());
  if (job->state != JobState::kQueued) return absl::OkStatus();
  // It was given up while it is made here.
  parts_.running.Stop(glance.id, StopReason::kLeaseLost);
  others_.Forget(glance.id);
  if (!OpenEvents(*job)) parts_.events.Publish(glance.id, JobRequeued{std::string(kWhyRequeued)});
  MutexLock lock(mutex_);
  waiting_.Add(*job);
  return absl::OkStatus();
}

absl::Status JobQueue::SeeRunning(const JobGlance& glance) {
  const std::optional<int64_t> claim_here = parts_.running.ClaimOn(glance.id);
  if (claim_here == glance.claim) {
    if (glance.cancel_requested && parts_.running.Stop(glance.id, StopReason::kCancelled)) {
      parts_.events.Publish(glance.id, CancelRequested());
    }
    return absl::OkStatus();
  }
  if (claim_here.has_value()) parts_.running.Stop(glance.id, StopReason::kLeaseLost);
  if (parts_.events.LastNumber(glance.id) == 0) {
    const absl::StatusOr<Job> job = parts_.store.Get(glance.id);
    if (IsOutdated(job.status())) return absl::OkStatus();
    OVI_RETURN_IF_ERROR(job.status());
    OpenEvents(*job);
  }
  {
    MutexLock lock(mutex_);
    waiting_.Remove(glance.turn);
  }
  for (JobNews& news : others_.See(glance)) parts_.events.Publish(glance.id, std::move(news));
  return absl::OkStatus();
}

absl::Status JobQueue::SeeGone(const JobId& id) {
  const absl::StatusOr<Job> job = parts_.store.Get(id);
  if (job.ok() && !IsTerminal(job->state)) return absl::OkStatus();  // back again: the next look tells
  if (!job.ok() && job.status().code() != absl::StatusCode::kNotFound) return job.status();
  others_.Forget(id);
  {
    MutexLock lock(mutex_);
    waiting_.Remove(id);
  }
  if (job.ok()) {
    parts_.events.Publish(id, JobOutcome{*job});
  } else {
    parts_.events.Drop(id);
  }
  return absl::OkStatus();
}

absl::Status JobQueue::TakeUpAbandoned() {
  if (!parts_.store.shared()) return absl::OkStatus();
  MutexLock order(order_);
  return TakeUpAbandonedInOrder();
}

absl::Status JobQueue::TakeUpAbandonedInOrder() {
  OVI_ASSIGN_OR_RETURN(const std::vector<Job> abandoned, parts_.store.Abandoned());
  for (const Job& job : abandoned) {
    if (const absl::Status status = RestoreRunning(job); !status.ok() && !IsOutdated(status)) return status;
  }
  return abandoned.empty() ? absl::OkStatus() : CatchUpInOrder();
}

void JobQueue::Lose(const Job& job) {
  MutexLock order(order_);
  parts_.running.End();
  {
    MutexLock lock(mutex_);
    if (waiting_.Contains(job.Turn())) return;  // it was seen waiting already
  }
  others_.Expect(job);
  TellPlaces();
}

}  // namespace ovi
