#include "server/jobs/memory_job_store.h"

#include <iterator>
#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "server/jobs/job_errors.h"

namespace ovi {
absl::StatusOr<InsertResult> MemoryJobStore::Insert(const Job& job, std::string_view request_id, int64_t max_queued) {
  MutexLock lock(mutex_);
  const std::pair request(job.spec.principal, std::string(request_id));
  if (const auto known = request_ids_.find(request); known != request_ids_.end() && !request_id.empty()) {
    const Job& stored = jobs_.at(known->second);
    OVI_RETURN_IF_ERROR(CheckSameBody(stored, job.spec.body, request_id));
    return InsertResult{.job = stored, .created = false};
  }
  if (static_cast<int64_t>(queued_.size()) >= max_queued) return QueueFull(max_queued);
  Job stored = job;
  stored.sequence = ++last_sequence_;
  stored.state = JobState::kQueued;
  if (!sequences_.emplace(stored.id, stored.sequence).second) return absl::InternalError("two jobs drew the same id");
  const auto [place, inserted] = jobs_.emplace(stored.sequence, stored);
  queued_.emplace(stored.sequence, &place->second);
  if (!request_id.empty()) request_ids_.emplace(request, stored.sequence);
  return InsertResult{.job = std::move(stored), .created = true};
}

absl::StatusOr<Job> MemoryJobStore::Get(const JobId& id) const {
  MutexLock lock(mutex_);
  const auto sequence = sequences_.find(id);
  if (sequence == sequences_.end()) return NoSuchJob(id);
  return jobs_.at(sequence->second);
}

absl::StatusOr<JobPage> MemoryJobStore::List(const JobFilter& filter, int64_t limit, int64_t before) const {
  MutexLock lock(mutex_);
  JobPage page;
  for (auto each = std::make_reverse_iterator(jobs_.lower_bound(before)); each != jobs_.rend(); ++each) {
    if (!Matches(filter, each->second)) continue;
    if (static_cast<int64_t>(page.jobs.size()) == limit) {
      page.more = true;
      break;
    }
    page.jobs.push_back(each->second);
  }
  return page;
}

absl::StatusOr<std::vector<Job>> MemoryJobStore::Queued() const {
  MutexLock lock(mutex_);
  std::vector<Job> jobs;
  for (const auto& [sequence, job] : queued_) jobs.push_back(*job);
  return jobs;
}

absl::StatusOr<std::vector<Job>> MemoryJobStore::Running() const {
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
  return job;
}

absl::StatusOr<Job> MemoryJobStore::Requeue(const JobId& id, Attempt attempt) {
  MutexLock lock(mutex_);
  OVI_ASSIGN_OR_RETURN(Job * job, Find(id));
  if (job->state != JobState::kRunning) return ChangedMeanwhile(*job, JobState::kRunning);
  job->state = JobState::kQueued;
  job->start_time.reset();
  if (attempt == Attempt::kDoesNotCount) --job->attempts;
  queued_.emplace(job->sequence, job);
  return *job;
}

absl::StatusOr<Job> MemoryJobStore::RequestCancel(const JobId& id, absl::Time now) {
  MutexLock lock(mutex_);
  OVI_ASSIGN_OR_RETURN(Job * job, Find(id));
  if (IsTerminal(job->state)) return AlreadyEnded(*job);
  if (!job->cancel_request_time.has_value()) job->cancel_request_time = now;
  return *job;
}

absl::StatusOr<Job> MemoryJobStore::End(const JobId& id, JobState from, const JobEnd& end) {
  MutexLock lock(mutex_);
  OVI_ASSIGN_OR_RETURN(Job * job, Find(id));
  if (job->state != from) return ChangedMeanwhile(*job, from);
  queued_.erase(job->sequence);
  job->state = end.state;
  job->end_time = end.time;
  job->error = end.error;
  job->artifact = end.artifact;
  job->progress = end.progress;
  job->memory = end.memory;
  job->spec.clip = WithoutFirstFrame(std::move(job->spec.clip));
  return *job;
}

absl::Status MemoryJobStore::Delete(const JobId& id) {
  MutexLock lock(mutex_);
  OVI_ASSIGN_OR_RETURN(const Job* job, Find(id));
  if (!IsTerminal(job->state)) return NotEnded(*job);
  const int64_t sequence = job->sequence;
  std::erase_if(request_ids_, [&](const auto& entry) { return entry.second == sequence; });
  sequences_.erase(id);
  jobs_.erase(sequence);
  return absl::OkStatus();
}

absl::StatusOr<Job*> MemoryJobStore::Find(const JobId& id) {
  const auto sequence = sequences_.find(id);
  if (sequence == sequences_.end()) return NoSuchJob(id);
  return &jobs_.at(sequence->second);
}

}  // namespace ovi
