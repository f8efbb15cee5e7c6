#include "server/jobs/job_queue.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/jobs/job_errors.h"
#include "server/jobs/storage.h"

namespace ovi {
namespace {

// How far the clocks of servers that share a store may be apart.
constexpr absl::Duration kClocksApart = absl::Hours(1);

// A watcher that comes back after a restart names the last number it saw. No server gives a job so many, so the numbers
// of an era are above all that were given in those before.
constexpr int64_t kNumbersOfAnEra = int64_t{1} << 40;

// Servers that share a store count no eras: a watcher goes from one to the other. Events come less often than every
// microsecond, so numbers that count those since the submission are above all that were given before.
int64_t NumbersGivenBefore(const Job& job, absl::Time now) {
  return std::max<int64_t>(0, absl::ToInt64Microseconds(now - job.create_time));
}

}  // namespace

absl::Status JobQueue::Restore(int max_attempts) {
  MutexLock order(order_);
  max_attempts_ = max_attempts;
  if (parts_.store.shared()) {
    absl::Status followed = TakeUpAbandonedInOrder();
    if (followed.ok()) followed = CatchUpInOrder();
    // StoreWatch does it again and again.
    return MayPass(followed) ? absl::OkStatus() : followed;
  }
  OVI_ASSIGN_OR_RETURN(const std::vector<Job> running, parts_.store.Abandoned());
  for (const Job& job : running) OVI_RETURN_IF_ERROR(RestoreRunning(job));
  OVI_ASSIGN_OR_RETURN(const int64_t era, parts_.store.NextEra());
  OVI_ASSIGN_OR_RETURN(const std::vector<Job> queued, parts_.store.Queued());
  for (const Job& job : queued) {
    {
      MutexLock lock(mutex_);
      waiting_.Add(job);
    }
    OpenEvents(job, era * kNumbersOfAnEra);
    const bool ran = std::any_of(running.begin(), running.end(), [&](const Job& each) { return each.id == job.id; });
    if (ran) parts_.events.Publish(job.id, JobRequeued{"its server ended; it is made again from the beginning"});
  }
  if (!queued.empty()) log::Info("%d jobs wait from before", queued.size());
  TellPlaces();
  return absl::OkStatus();
}

absl::Status JobQueue::RestoreRunning(const Job& job) {
  const log::JobScope about(job.id.value());
  const bool cancelled = job.cancel_request_time.has_value();
  if (!cancelled && job.attempts < max_attempts_) {
    log::Warning("its server ended, or was not heard of in time, while it ran (attempt %d); it is made again",
                 job.attempts);
    return parts_.store.Requeue(job, Attempt::kCounts).status();
  }
  const JobState state = cancelled ? JobState::kCancelled : JobState::kFailed;
  const absl::Status error = cancelled ? CancelledWhileRunning() : Poisonous(job.attempts);
  OVI_RETURN_IF_ERROR(EndUnmade(job, state, error).status());
  log::Warning("%s: %s", JobStateName(state), std::string(error.message()));
  return absl::OkStatus();
}

absl::StatusOr<JobView> JobQueue::Submit(JobSpec spec, std::string_view request_id,
                                         std::optional<int64_t> max_queued_of_principal) {
  MutexLock order(order_);
  if (closed()) return ServerDraining();
  Job job;
  job.id = JobId::Random();
  job.uid = RandomUuid();
  job.create_time = parts_.clock.Now();
  job.spec = std::move(spec);
  job.spec.has_request_id = !request_id.empty();
  job.spec.reserved_bytes = ExpectedBytes(*job.spec.clip);
  QueueLimits limits = rules_.limits;
  limits.free_bytes = parts_.artifacts.FreeBytes().value_or(QueueLimits::kNone);
  limits.jobs_per_principal = max_queued_of_principal.value_or(limits.jobs_per_principal);
  OVI_ASSIGN_OR_RETURN(InsertResult inserted, parts_.store.Insert(job, request_id, limits));
  if (!inserted.created) return View(std::move(inserted.job));
  parts_.telemetry.OnSubmitted();
  parts_.events.Open(inserted.job.id, JobAccepted{inserted.job});
  std::optional<std::pair<JobId, QueuePlace>> last;
  {
    MutexLock lock(mutex_);
    waiting_.Add(inserted.job);
    if (waiting_.IsLast(inserted.job)) last = waiting_.TellLast(parts_.times, AllBeingMade());
  }
  changed_.NotifyAll();
  if (!last.has_value()) {
    TellPlaces();
    return View(std::move(inserted.job));
  }
  parts_.events.Publish(last->first, last->second);
  JobView view = Described(std::move(inserted.job));
  view.place = last->second;
  return view;
}

absl::StatusOr<JobView> JobQueue::Get(const JobId& id) const {
  OVI_ASSIGN_OR_RETURN(Job job, parts_.store.Get(id));
  return View(std::move(job));
}

absl::StatusOr<JobViewPage> JobQueue::List(const JobQuery& query) const {
  OVI_ASSIGN_OR_RETURN(JobPage stored, parts_.store.List(query));
  JobViewPage page{.jobs = {}, .more = stored.more};
  for (Job& job : stored.jobs) {
    page.jobs.push_back(View(std::move(job)));
  }
  return page;
}

absl::StatusOr<JobView> JobQueue::Cancel(const JobId& id) {
  MutexLock order(order_);
  OVI_ASSIGN_OR_RETURN(const Job before, parts_.store.Get(id));
  if (before.state == JobState::kCancelled) return View(before);
  OVI_ASSIGN_OR_RETURN(Job job, parts_.store.RequestCancel(id, parts_.clock.Now()));
  if (job.state == JobState::kQueued) {
    const absl::StatusOr<Job> ended = EndQueued(
        job, JobState::kCancelled, WithReason(absl::CancelledError("cancelled before it started"), "JOB_CANCELLED"));
    TellPlaces();
    if (ended.ok()) return View(*ended);
    if (ended.status().code() != absl::StatusCode::kAborted) return ended.status();
    // Another server took it at this moment, and hears of the request.
    OVI_ASSIGN_OR_RETURN(job, parts_.store.Get(id));
    if (IsTerminal(job.state)) return View(std::move(job));
  }
  // Stopped before it is told: who hears of it may rely on it. The outcome cannot overtake the news, as Finish waits
  // for order_.
  parts_.running.Stop(id, StopReason::kCancelled);
  if (!before.cancel_request_time.has_value()) parts_.events.Publish(id, CancelRequested());
  if (parts_.store.shared() && !parts_.running.ClaimOn(id).has_value()) others_.CancelWasTold(id);
  return View(std::move(job));
}

absl::Status JobQueue::Delete(const JobId& id) {
  std::optional<JobArtifact> artifact;
  {
    MutexLock order(order_);
    OVI_ASSIGN_OR_RETURN(const Job job, parts_.store.Get(id));
    OVI_RETURN_IF_ERROR(parts_.store.Delete(id));
    parts_.events.Drop(id);
    artifact = job.artifact;
  }
  // Nobody else waits for S3. What cannot be deleted is an orphan, which the janitor finds.
  if (artifact.has_value()) OVI_RETURN_IF_ERROR(parts_.artifacts.Delete(artifact->file.key));
  const log::JobScope about(id.value());
  log::Info("deleted");
  return absl::OkStatus();
}

int JobQueue::queued() const {
  MutexLock lock(mutex_);
  return waiting_.size();
}

void JobQueue::Close() {
  MutexLock order(order_);
  {
    MutexLock lock(mutex_);
    closed_ = true;
  }
  changed_.NotifyAll();
  if (parts_.store.lasts()) return;
  const auto queued = parts_.store.Queued();
  if (!queued.ok()) return;
  for (const Job& job : *queued) {
    EndQueued(job, JobState::kFailed,
              WithReason(absl::UnavailableError("the server stopped before the job started; submit it again"),
                         "SERVER_STOPPED"))
        .IgnoreError();
  }
}

bool JobQueue::closed() const {
  MutexLock lock(mutex_);
  return closed_;
}

absl::StatusOr<Job> JobQueue::EndQueued(const Job& seen, JobState state, const absl::Status& error) {
  OVI_ASSIGN_OR_RETURN(Job job, EndUnmade(seen, state, error));
  const log::JobScope about(job.id.value());
  log::Info("%s", JobStateName(state));
  return job;
}

std::optional<absl::Time> JobQueue::ExpireTime(const JobSpec& spec, absl::Time end) const {
  const std::optional<absl::Duration> ttl = spec.ttl.has_value() ? spec.ttl : rules_.default_ttl;
  return ttl.has_value() ? std::optional(end + *ttl) : std::nullopt;
}

absl::StatusOr<Job> JobQueue::EndUnmade(const Job& seen, JobState state, const absl::Status& error) {
  JobEnd end;
  end.state = state;
  end.time = parts_.clock.Now();
  end.expire_time = ExpireTime(seen.spec, end.time);
  end.error = error;
  OVI_ASSIGN_OR_RETURN(Job job, parts_.store.End(seen, end));
  {
    MutexLock lock(mutex_);
    waiting_.Remove(job);
  }
  parts_.telemetry.OnEnded(job);
  parts_.events.Publish(job.id, JobOutcome{job});
  return job;
}

bool JobQueue::OpenEvents(const Job& job, std::optional<int64_t> given) {
  if (parts_.events.LastNumber(job.id) > 0) return false;
  Job told = job;
  told.spec.clip = WithoutFirstFrame(std::move(told.spec.clip));
  parts_.events.Open(job.id, JobAccepted{std::move(told)}, given.value_or(NumbersGivenBefore(job, parts_.clock.Now())));
  return true;
}

BeingMade JobQueue::AllBeingMade() const {
  BeingMade all = elsewhere_;
  if (const std::optional<Estimate> here = parts_.running.UntilEnd(); here.has_value()) all.Add(*here);
  return all;
}

void JobQueue::TellPlaces() {
  std::vector<std::pair<JobId, QueuePlace>> moved;
  {
    MutexLock lock(mutex_);
    moved = waiting_.Moved(parts_.times, AllBeingMade());
  }
  for (const auto& [id, place] : moved) parts_.events.Publish(id, place);
}

JobView JobQueue::Described(Job job) const {
  JobView view{.job = std::move(job), .place = {}, .last_event_number = 0, .highest_event_number = 0, .signed_uri = {}};
  parts_.running.Describe(view.job);
  view.last_event_number = view.highest_event_number = parts_.events.LastNumber(view.job.id);
  if (parts_.store.shared()) {
    view.highest_event_number =
        std::max(view.last_event_number, NumbersGivenBefore(view.job, parts_.clock.Now() + kClocksApart));
  }
  if (view.job.artifact.has_value()) view.signed_uri = parts_.artifacts.Sign(view.job.artifact->file.key);
  return view;
}

JobView JobQueue::View(Job job) const {
  JobView view = Described(std::move(job));
  if (view.job.state != JobState::kQueued) return view;
  MutexLock lock(mutex_);
  view.place = waiting_.PlaceOf(view.job, parts_.times, AllBeingMade());
  return view;
}

}  // namespace ovi
