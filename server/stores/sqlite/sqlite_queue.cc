// From claim to end: what the worker, its heartbeat and cancels write of a job in SQLite.
#include <utility>

#include "base/status_macros.h"
#include "server/jobs/job_errors.h"
#include "server/stores/record/job_record.h"
#include "server/stores/sqlite/job_rows.h"
#include "server/stores/sqlite/sqlite_job_store.h"

namespace ovi {

absl::StatusOr<std::optional<Job>> SqliteJobStore::Claim(absl::Time now) {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  std::optional<Job> job;
  {
    OVI_ASSIGN_OR_RETURN(
        SqliteQuery query,
        writer_.database->Query("UPDATE jobs SET state = 'RUNNING', start_time = ?, attempts = attempts "
                                "+ 1, claim = claim + 1 WHERE sequence = (SELECT sequence FROM jobs WHERE state = "
                                "'QUEUED' ORDER BY sequence - head_start, sequence LIMIT 1) "
                                "RETURNING " OVI_JOB_COLUMNS ", first_frame"));
    query.Bind(1, ToColumn(now));
    OVI_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return std::nullopt;
    OVI_ASSIGN_OR_RETURN(job, ReadJob(query));
    auto clip = std::make_shared<ClipSpec>(*job->spec.clip);
    clip->first_frame = std::string(query.Bytes(kJobColumns));
    job->spec.clip = std::move(clip);
  }
  OVI_RETURN_IF_ERROR(Commit(transaction, {.queued = -1}));
  return job;
}

absl::StatusOr<Job> SqliteJobStore::Renew(const Job& claimed, const JobProgress& progress) {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  OVI_ASSIGN_OR_RETURN(Job job, FindUnchanged(*writer_.database, claimed));
  const std::string encoded = EncodeProgress(progress);
  {
    OVI_ASSIGN_OR_RETURN(SqliteQuery query, writer_.database->Query("UPDATE jobs SET progress = ? WHERE id = ?"));
    query.BindBytes(1, encoded);
    query.BindText(2, claimed.id.value());
    OVI_RETURN_IF_ERROR(query.Run());
  }
  OVI_RETURN_IF_ERROR(transaction.Commit());
  job.progress = progress;
  return job;
}

absl::StatusOr<Job> SqliteJobStore::Requeue(const Job& running, Attempt attempt) {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  OVI_ASSIGN_OR_RETURN(Job job, FindJob(*writer_.database, running.id));
  if (job.state != JobState::kRunning) return ChangedMeanwhile(job, JobState::kRunning);
  OVI_RETURN_IF_ERROR(CheckUnchanged(job, running));
  if (attempt == Attempt::kDoesNotCount) --job.attempts;
  {
    OVI_ASSIGN_OR_RETURN(SqliteQuery query, writer_.database->Query(
                                                "UPDATE jobs SET state = 'QUEUED', start_time = NULL, progress = NULL, "
                                                "attempts = ? WHERE id = ?"));
    query.Bind(1, int64_t{job.attempts});
    query.BindText(2, running.id.value());
    OVI_RETURN_IF_ERROR(query.Run());
  }
  OVI_RETURN_IF_ERROR(Commit(transaction, {.queued = 1}));
  job.state = JobState::kQueued;
  job.start_time.reset();
  return job;
}

absl::StatusOr<Job> SqliteJobStore::RequestCancel(const JobId& id, absl::Time now) {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  OVI_ASSIGN_OR_RETURN(Job job, FindJob(*writer_.database, id));
  if (IsTerminal(job.state)) return AlreadyEnded(job);
  if (job.cancel_request_time.has_value()) return job;
  {
    OVI_ASSIGN_OR_RETURN(SqliteQuery query,
                         writer_.database->Query("UPDATE jobs SET cancel_request_time = ? WHERE id = ?"));
    query.Bind(1, ToColumn(now));
    query.BindText(2, id.value());
    OVI_RETURN_IF_ERROR(query.Run());
  }
  OVI_RETURN_IF_ERROR(transaction.Commit());
  job.cancel_request_time = now;
  return job;
}

absl::StatusOr<Job> SqliteJobStore::End(const Job& seen, const JobEnd& end) {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  OVI_ASSIGN_OR_RETURN(const Job job, FindUnchanged(*writer_.database, seen));
  OVI_RETURN_IF_ERROR(StoreEnd(job.id, end, job.spec.webhook.has_value() ? std::optional(end.time) : std::nullopt));
  OVI_ASSIGN_OR_RETURN(Job ended, FindJob(*writer_.database, job.id));
  OVI_RETURN_IF_ERROR(Commit(
      transaction, {.queued = job.state == JobState::kQueued ? -1 : 0, .reserved_bytes = -job.spec.reserved_bytes}));
  return ended;
}

absl::Status SqliteJobStore::StoreEnd(const JobId& id, const JobEnd& end, std::optional<absl::Time> webhook_time) {
  const std::string ending = EncodeEnd(end);
  OVI_ASSIGN_OR_RETURN(SqliteQuery query,
                       writer_.database->Query("UPDATE jobs SET state = ?, end_time = ?, ending = ?, expire_time = ?, "
                                               "artifact_bytes = ?, webhook_time = coalesce(webhook_time, ?), "
                                               "first_frame = NULL, progress = NULL, reserved_bytes = 0 WHERE id = ?"));
  query.BindText(1, JobStateName(end.state));
  query.Bind(2, ToColumn(end.time));
  query.BindBytes(3, ending);
  query.Bind(4, ToColumn(end.expire_time));
  query.Bind(5, end.artifact.has_value() ? end.artifact->file.size_bytes : 0);
  query.Bind(6, ToColumn(webhook_time));
  query.BindText(7, id.value());
  return query.Run();
}

}  // namespace ovi
