#include "server/stores/sqlite/sqlite_job_store.h"

#include <utility>

#include "base/status_macros.h"
#include "server/jobs/job_errors.h"
#include "server/stores/record/job_record.h"
#include "server/stores/sqlite/job_rows.h"
#include "server/stores/sqlite/sqlite_schema.h"

namespace ovi {
namespace {

absl::StatusOr<std::optional<Job>> FindByRequest(SqliteDatabase& database, std::string_view principal,
                                                 std::string_view request_id) {
  OVI_ASSIGN_OR_RETURN(SqliteQuery query,
                       database.Query("SELECT " OVI_JOB_COLUMNS " FROM jobs WHERE principal = ? AND request_id = ?"));
  query.BindText(1, principal);
  query.BindText(2, request_id);
  OVI_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return std::nullopt;
  return ReadJob(query);
}

absl::StatusOr<int64_t> CountQueued(SqliteDatabase& database) {
  OVI_ASSIGN_OR_RETURN(SqliteQuery query, database.Query("SELECT count(*) FROM jobs WHERE state = 'QUEUED'"));
  OVI_RETURN_IF_ERROR(query.Run());
  return query.Integer(0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteJobStore>> SqliteJobStore::Open(const std::string& path) {
  OVI_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> writer, SqliteDatabase::Open(path));
  OVI_RETURN_IF_ERROR(BringUpToDate(*writer));
  OVI_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> reader, SqliteDatabase::Open(path));
  return std::unique_ptr<SqliteJobStore>(new SqliteJobStore(std::move(writer), std::move(reader)));
}

SqliteJobStore::SqliteJobStore(std::unique_ptr<SqliteDatabase> writer, std::unique_ptr<SqliteDatabase> reader) {
  writer_.database = std::move(writer);
  reader_.database = std::move(reader);
}

absl::StatusOr<InsertResult> SqliteJobStore::Insert(const Job& job, std::string_view request_id, int64_t max_queued) {
  MutexLock lock(writer_.mutex);
  SqliteDatabase& database = *writer_.database;
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(database));
  if (!request_id.empty()) {
    OVI_ASSIGN_OR_RETURN(std::optional<Job> stored, FindByRequest(database, job.spec.principal, request_id));
    if (stored.has_value()) {
      OVI_RETURN_IF_ERROR(CheckSameBody(*stored, job.spec.body, request_id));
      return InsertResult{.job = *std::move(stored), .created = false};
    }
  }
  if (!queued_.has_value()) {
    OVI_ASSIGN_OR_RETURN(queued_, CountQueued(database));
  }
  if (*queued_ >= max_queued) return QueueFull(max_queued);
  const std::string spec = EncodeSpec(job), &first_frame = job.spec.clip->first_frame;
  {
    OVI_ASSIGN_OR_RETURN(SqliteQuery query,
                         database.Query("INSERT INTO jobs (id, state, principal, request_id, create_time, spec, "
                                        "first_frame) VALUES (?, 'QUEUED', ?, ?, ?, ?, ?)"));
    query.BindText(1, job.id.value());
    query.BindText(2, job.spec.principal);
    request_id.empty() ? query.BindNull(3) : query.BindText(3, request_id);
    query.Bind(4, ToColumn(job.create_time));
    query.BindBytes(5, spec);
    first_frame.empty() ? query.BindNull(6) : query.BindBytes(6, first_frame);
    OVI_RETURN_IF_ERROR(query.Run());
  }
  Job stored = job;
  stored.spec.clip = WithoutFirstFrame(std::move(stored.spec.clip));
  stored.state = JobState::kQueued;
  stored.sequence = database.LastInsertId();
  OVI_RETURN_IF_ERROR(Commit(transaction, 1));
  return InsertResult{.job = std::move(stored), .created = true};
}

absl::StatusOr<Job> SqliteJobStore::Get(const JobId& id) const {
  MutexLock lock(reader_.mutex);
  return FindJob(*reader_.database, id);
}

absl::StatusOr<JobPage> SqliteJobStore::List(const JobFilter& filter, int64_t limit, int64_t before) const {
  MutexLock lock(reader_.mutex);
  OVI_ASSIGN_OR_RETURN(
      SqliteQuery query,
      reader_.database->Query("SELECT " OVI_JOB_COLUMNS " FROM jobs WHERE sequence < ? ORDER BY sequence DESC"));
  query.Bind(1, before);
  JobPage page;
  while (true) {
    OVI_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return page;
    OVI_ASSIGN_OR_RETURN(Job job, ReadJob(query));
    if (!Matches(filter, job)) continue;
    if (static_cast<int64_t>(page.jobs.size()) == limit) {
      page.more = true;
      return page;
    }
    page.jobs.push_back(std::move(job));
  }
}

absl::StatusOr<std::vector<Job>> SqliteJobStore::Queued() const { return InState(JobState::kQueued); }
absl::StatusOr<std::vector<Job>> SqliteJobStore::Running() const { return InState(JobState::kRunning); }

absl::StatusOr<std::vector<Job>> SqliteJobStore::InState(JobState state) const {
  MutexLock lock(reader_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteQuery query, reader_.database->Query("SELECT " OVI_JOB_COLUMNS
                                                                  " FROM jobs WHERE state = ? ORDER BY sequence"));
  query.BindText(1, JobStateName(state));
  std::vector<Job> jobs;
  while (true) {
    OVI_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return jobs;
    OVI_ASSIGN_OR_RETURN(Job job, ReadJob(query));
    jobs.push_back(std::move(job));
  }
}

absl::StatusOr<std::optional<Job>> SqliteJobStore::Claim(absl::Time now) {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  std::optional<Job> job;
  {
    OVI_ASSIGN_OR_RETURN(
        SqliteQuery query,
        writer_.database->Query("UPDATE jobs SET state = 'RUNNING', start_time = ?, attempts = attempts "
                                "+ 1 WHERE sequence = (SELECT sequence FROM jobs WHERE state = "
                                "'QUEUED' ORDER BY sequence LIMIT 1) RETURNING " OVI_JOB_COLUMNS ", first_frame"));
    query.Bind(1, ToColumn(now));
    OVI_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return std::nullopt;
    OVI_ASSIGN_OR_RETURN(job, ReadJob(query));
    auto clip = std::make_shared<ClipSpec>(*job->spec.clip);
    clip->first_frame = std::string(query.Bytes(11));
    job->spec.clip = std::move(clip);
  }
  OVI_RETURN_IF_ERROR(Commit(transaction, -1));
  return job;
}

absl::Status SqliteJobStore::Commit(SqliteTransaction& transaction, int64_t queued_change) {
  const absl::Status committed = transaction.Commit();
  if (committed.ok() && queued_.has_value()) {
    *queued_ += queued_change;
  } else {
    queued_.reset();  // what a failed commit left is not known
  }
  return committed;
}

absl::StatusOr<Job> SqliteJobStore::Requeue(const JobId& id, Attempt attempt) {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  OVI_ASSIGN_OR_RETURN(Job job, FindJob(*writer_.database, id));
  if (job.state != JobState::kRunning) return ChangedMeanwhile(job, JobState::kRunning);
  if (attempt == Attempt::kDoesNotCount) --job.attempts;
  {
    OVI_ASSIGN_OR_RETURN(
        SqliteQuery query,
        writer_.database->Query("UPDATE jobs SET state = 'QUEUED', start_time = NULL, attempts = ? WHERE id = ?"));
    query.Bind(1, int64_t{job.attempts});
    query.BindText(2, id.value());
    OVI_RETURN_IF_ERROR(query.Run());
  }
  OVI_RETURN_IF_ERROR(Commit(transaction, 1));
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

absl::StatusOr<Job> SqliteJobStore::End(const JobId& id, JobState from, const JobEnd& end) {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  OVI_ASSIGN_OR_RETURN(const Job job, FindJob(*writer_.database, id));
  if (job.state != from) return ChangedMeanwhile(job, from);
  const std::string ending = EncodeEnd(end);
  {
    OVI_ASSIGN_OR_RETURN(SqliteQuery query,
                         writer_.database->Query("UPDATE jobs SET state = ?, end_time = ?, ending = ?, first_frame = "
                                                 "NULL WHERE id = ?"));
    query.BindText(1, JobStateName(end.state));
    query.Bind(2, ToColumn(end.time));
    query.BindBytes(3, ending);
    query.BindText(4, id.value());
    OVI_RETURN_IF_ERROR(query.Run());
  }
  OVI_ASSIGN_OR_RETURN(Job ended, FindJob(*writer_.database, id));
  OVI_RETURN_IF_ERROR(Commit(transaction, from == JobState::kQueued ? -1 : 0));
  return ended;
}

absl::Status SqliteJobStore::Delete(const JobId& id) {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  OVI_ASSIGN_OR_RETURN(const Job job, FindJob(*writer_.database, id));
  if (!IsTerminal(job.state)) return NotEnded(job);
  {
    OVI_ASSIGN_OR_RETURN(SqliteQuery query, writer_.database->Query("DELETE FROM jobs WHERE id = ?"));
    query.BindText(1, id.value());
    OVI_RETURN_IF_ERROR(query.Run());
  }
  return transaction.Commit();
}

}  // namespace ovi
