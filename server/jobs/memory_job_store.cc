#include "server/jobs/memory_job_store.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "server/jobs/job_errors.h"

namespace ovi {

absl::StatusOr<int64_t> MemoryJobStore::NextEra() {
  MutexLock lock(mutex_);
  return ++last_era_;
}

absl::StatusOr<InsertResult> MemoryJobStore::Insert(const Job& job, std::string_view request_id,
                                                    const QueueLimits& limits) {
  MutexLock lock(mutex_);
  const std::pair request(job.spec.principal, std::string(request_id));
  if (const auto known = request_ids_.find(request); known != request_ids_.end() && !request_id.empty()) {
    const Job& stored = jobs_.at(known->second);
    OVI_RETURN_IF_ERROR(CheckSameBody(stored, job.spec.body, request_id));
    return InsertResult{.job = stored, .created = false};
  }
  if (static_cast<int64_t>(queued_.size()) >= limits.jobs) return QueueFull(limits.jobs);
  const auto of_principal = std::count_if(queued_.begin(), queued_.end(), [&](const auto& entry) {
    return entry.second->spec.principal == job.spec.principal;
  });
  if (of_principal >= limits.jobs_per_principal) return QueueFullForYou(limits.jobs_per_principal);
  OVI_RETURN_IF_ERROR(CheckRoom(Storage(), job, limits));
  Job stored = job;
  stored.sequence = ++last_sequence_;
  stored.state = JobState::kQueued;
  if (!sequences_.emplace(stored.id, stored.sequence).second) return absl::InternalError("two jobs drew the same id");
  const auto [place, inserted] = jobs_.emplace(stored.sequence, stored);
  queued_.emplace(stored.Turn(), &place->second);
  if (!request_id.empty()) request_ids_.emplace(request, stored.sequence);
  return InsertResult{.job = std::move(stored), .created = true};
}

absl::StatusOr<Job> MemoryJobStore::Get(const JobId& id) const {
  MutexLock lock(mutex_);
  const auto sequence = sequences_.find(id);
  if (sequence == sequences_.end()) return NoSuchJob(id);
  return jobs_.at(sequence->second);
}

absl::StatusOr<JobPage> MemoryJobStore::List(const JobQuery& query) const {
  MutexLock lock(mutex_);
  JobPage page;
  for (auto each = std::make_reverse_iterator(jobs_.lower_bound(query.before)); each != jobs_.rend(); ++each) {
    const Job& job = each->second;
    if (query.principal.has_value() && *query.principal != job.spec.principal) continue;
    if (!Matches(query.filter, job)) continue;
    if (static_cast<int64_t>(page.jobs.size()) == query.limit) {
      page.more = true;
      break;
    }
    page.jobs.push_back(job);
  }
  return page;
}

absl::StatusOr<std::vector<Job>> MemoryJobStore::Queued() const {
  MutexLock lock(mutex_);
  std::vector<Job> jobs;
  for (const auto& [turn, job] : queued_) jobs.push_back(*job);
  return jobs;
}

absl::StatusOr<std::vector<Job>> MemoryJobStore::Abandoned() const {
  MutexLock lock(mutex_);
  std::vector<Job> jobs;
  for (const auto& [sequence, job] : jobs_) {
    if (job.state == JobState::kRunning) jobs.push_back(job);
  }
  return jobs;
}

absl::StatusOr<std::optional<Job>> MemoryJobStore::Claim(absl::Time now) {
  MutexLock lock(mutex_);
  if (queued_.empty()) return std::nullopt;
  Job& job = *queued_.begin()->second;
  queued_.erase(queued_.begin());
  job.state = JobState::kRunning;
  job.start_time = now;
  ++job.attempts;
  ++job.claim;
  return job;
}

absl::StatusOr<Job> MemoryJobStore::Renew(const Job& claimed, const JobProgress& progress) {
  MutexLock lock(mutex_);
  OVI_ASSIGN_OR_RETURN(Job * job, Find(claimed.id));
  OVI_RETURN_IF_ERROR(CheckUnchanged(*job, claimed));
  job->progress = progress;
  return *job;
}

absl::StatusOr<Job> MemoryJobStore::Requeue(const Job& running, Attempt attempt) {
  MutexLock lock(mutex_);
  OVI_ASSIGN_OR_RETURN(Job * job, Find(running.id));
  if (job->state != JobState::kRunning) return ChangedMeanwhile(*job, JobState::kRunning);
  OVI_RETURN_IF_ERROR(CheckUnchanged(*job, running));
  job->state = JobState::kQueued;
  job->start_time.reset();
  if (attempt == Attempt::kDoesNotCount) --job->attempts;
  queued_.emplace(job->Turn(), job);
  return *job;
}

absl::StatusOr<Job> MemoryJobStore::RequestCancel(const JobId& id, absl::Time now) {
  MutexLock lock(mutex_);
  OVI_ASSIGN_OR_RETURN(Job * job, Find(id));
  if (IsTerminal(job->state)) return AlreadyEnded(*job);
  if (!job->cancel_request_time.has_value()) job->cancel_request_time = now;
  return *job;
}

absl::StatusOr<Job> MemoryJobStore::End(const Job& seen, const JobEnd& end) {
  MutexLock lock(mutex_);
  OVI_ASSIGN_OR_RETURN(Job * job, Find(seen.id));
  OVI_RETURN_IF_ERROR(CheckUnchanged(*job, seen));
  queued_.erase(job->Turn());
  job->state = end.state;
  job->end_time = end.time;
  job->expire_time = end.expire_time;
  job->error = end.error;
  job->artifact = end.artifact;
  job->progress = end.progress;
  job->memory = end.memory;
  job->spec.clip = WithoutFirstFrame(std::move(job->spec.clip));
  if (job->spec.webhook.has_value()) webhooks_[job->sequence] = {end.time};
  return *job;
}

absl::Status MemoryJobStore::Delete(const JobId& id) {
  MutexLock lock(mutex_);
  OVI_ASSIGN_OR_RETURN(const Job* job, Find(id));
  if (!IsTerminal(job->state)) return NotEnded(*job);
  const int64_t sequence = job->sequence;
  std::erase_if(request_ids_, [&](const auto& entry) { return entry.second == sequence; });
  sequences_.erase(id);
  webhooks_.erase(sequence);
  jobs_.erase(sequence);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Job>> MemoryJobStore::Expired(absl::Time now, int64_t limit) const {
  MutexLock lock(mutex_);
  std::vector<Job> expired;
  for (const auto& [sequence, job] : jobs_) {
    if (job.expire_time.has_value() && *job.expire_time <= now) expired.push_back(job);
  }
  std::sort(expired.begin(), expired.end(), [](const Job& a, const Job& b) { return a.expire_time < b.expire_time; });
  if (static_cast<int64_t>(expired.size()) > limit) expired.erase(expired.begin() + limit, expired.end());
  return expired;
}

absl::Status MemoryJobStore::ForgetArtifact(const JobId& id, std::optional<absl::Time> expire_time) {
  MutexLock lock(mutex_);
  OVI_ASSIGN_OR_RETURN(Job * job, Find(id));
  if (!IsTerminal(job->state)) return NotEnded(*job);
  job->artifact.reset();
  job->expire_time = expire_time;
  return absl::OkStatus();
}

absl::StatusOr<int64_t> MemoryJobStore::ArtifactBytes() const {
  MutexLock lock(mutex_);
  return Storage().artifact_bytes;
}

StorageUse MemoryJobStore::Storage() const {
  StorageUse use;
  for (const auto& [sequence, job] : jobs_) {
    if (job.artifact.has_value()) use.artifact_bytes += job.artifact->file.size_bytes;
    if (!IsTerminal(job.state)) use.reserved_bytes += job.spec.reserved_bytes;
  }
  return use;
}

absl::StatusOr<std::optional<WebhookDelivery>> MemoryJobStore::TakeWebhook(absl::Time now, absl::Time again) {
  MutexLock lock(mutex_);
  for (auto& [sequence, due] : webhooks_) {
    if (due.time > now) continue;
    due.time = again;
    return WebhookDelivery{.job = jobs_.at(sequence), .attempt = ++due.attempts};
  }
  return std::nullopt;
}

absl::Status MemoryJobStore::SetWebhookTime(const JobId& id, std::optional<absl::Time> next) {
  MutexLock lock(mutex_);
  OVI_ASSIGN_OR_RETURN(const Job* job, Find(id));
  const auto due = webhooks_.find(job->sequence);
  if (due == webhooks_.end()) return absl::OkStatus();
  if (next.has_value()) {
    due->second.time = *next;
  } else {
    webhooks_.erase(due);
  }
  return absl::OkStatus();
}

absl::StatusOr<Job*> MemoryJobStore::Find(const JobId& id) {
  const auto sequence = sequences_.find(id);
  if (sequence == sequences_.end()) return NoSuchJob(id);
  return &jobs_.at(sequence->second);
}

}  // namespace ovi
