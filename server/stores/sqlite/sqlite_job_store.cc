#include "server/stores/sqlite/sqlite_job_store.h"

#include <utility>

#include "base/status_macros.h"
#include "server/jobs/job_errors.h"
#include "server/jobs/job_listing.h"
#include "server/jobs/storage.h"
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

absl::StatusOr<std::string> ReadUid(SqliteDatabase& database) {
  OVI_ASSIGN_OR_RETURN(SqliteQuery query, database.Query("SELECT uid FROM store"));
  OVI_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return absl::DataLossError("the job database has no uid; restore a backup of it");
  return std::string(query.Bytes(0));
}

absl::StatusOr<int64_t> CountQueuedOf(SqliteDatabase& database, std::string_view principal) {
  OVI_ASSIGN_OR_RETURN(SqliteQuery query,
                       database.Query("SELECT count(*) FROM jobs WHERE state = 'QUEUED' AND principal = ?"));
  query.BindText(1, principal);
  OVI_RETURN_IF_ERROR(query.Run());
  return query.Integer(0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteJobStore>> SqliteJobStore::Open(const std::string& path) {
  OVI_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> writer, SqliteDatabase::Open(path));
  OVI_RETURN_IF_ERROR(BringUpToDate(*writer));
  OVI_ASSIGN_OR_RETURN(std::unique_ptr<SqliteDatabase> reader, SqliteDatabase::Open(path));
  OVI_ASSIGN_OR_RETURN(std::string uid, ReadUid(*writer));
  return std::unique_ptr<SqliteJobStore>(new SqliteJobStore(std::move(writer), std::move(reader), std::move(uid)));
}

SqliteJobStore::SqliteJobStore(std::unique_ptr<SqliteDatabase> writer, std::unique_ptr<SqliteDatabase> reader,
                               std::string uid)
    : uid_(std::move(uid)) {
  writer_.database = std::move(writer);
  reader_.database = std::move(reader);
}

absl::StatusOr<int64_t> SqliteJobStore::NextEra() {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  int64_t era = 0;
  {
    OVI_ASSIGN_OR_RETURN(SqliteQuery query, writer_.database->Query("UPDATE eras SET last = last + 1 RETURNING last"));
    OVI_RETURN_IF_ERROR(query.Run());
    era = query.Integer(0);
  }
  OVI_RETURN_IF_ERROR(transaction.Commit());
  return era;
}

absl::StatusOr<InsertResult> SqliteJobStore::Insert(const Job& job, std::string_view request_id,
                                                    const QueueLimits& limits) {
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
  if (!counts_.has_value()) OVI_RETURN_IF_ERROR(Count());
  if (counts_->queued >= limits.jobs) return QueueFull(limits.jobs);
  if (limits.jobs_per_principal < limits.jobs) {
    OVI_ASSIGN_OR_RETURN(const int64_t own, CountQueuedOf(database, job.spec.principal));
    if (own >= limits.jobs_per_principal) return QueueFullForYou(limits.jobs_per_principal);
  }
  OVI_RETURN_IF_ERROR(CheckRoomFor(job, limits));
  const std::string spec = EncodeSpec(job), &first_frame = job.spec.clip->first_frame;
  {
    OVI_ASSIGN_OR_RETURN(SqliteQuery query,
                         database.Query("INSERT INTO jobs (id, state, principal, request_id, create_time, spec, "
                                        "first_frame, head_start, reserved_bytes) "
                                        "VALUES (?, 'QUEUED', ?, ?, ?, ?, ?, ?, ?)"));
    query.BindText(1, job.id.value());
    query.BindText(2, job.spec.principal);
    request_id.empty() ? query.BindNull(3) : query.BindText(3, request_id);
    query.Bind(4, ToColumn(job.create_time));
    query.BindBytes(5, spec);
    first_frame.empty() ? query.BindNull(6) : query.BindBytes(6, first_frame);
    query.Bind(7, HeadStartOf(job.spec.priority));
    query.Bind(8, job.spec.reserved_bytes);
    OVI_RETURN_IF_ERROR(query.Run());
  }
  Job stored = job;
  stored.spec.clip = WithoutFirstFrame(std::move(stored.spec.clip));
  stored.state = JobState::kQueued;
  stored.sequence = database.LastInsertId();
  OVI_RETURN_IF_ERROR(Commit(transaction, {.queued = 1, .reserved_bytes = job.spec.reserved_bytes}));
  return InsertResult{.job = std::move(stored), .created = true};
}

absl::Status SqliteJobStore::Commit(SqliteTransaction& transaction, const Counts& change) {
  const absl::Status committed = transaction.Commit();
  if (committed.ok() && counts_.has_value()) {
    counts_->queued += change.queued;
    counts_->reserved_bytes += change.reserved_bytes;
  } else {
    counts_.reset();  // what a failed commit left is not known
  }
  return committed;
}

absl::Status SqliteJobStore::Count() {
  Counts counts;
  OVI_ASSIGN_OR_RETURN(counts.queued, OneNumber(*writer_.database, "SELECT count(*) FROM jobs WHERE state = 'QUEUED'"));
  OVI_ASSIGN_OR_RETURN(
      counts.reserved_bytes,
      OneNumber(*writer_.database, "SELECT coalesce(sum(reserved_bytes), 0) FROM jobs WHERE reserved_bytes > 0"));
  counts_ = counts;
  return absl::OkStatus();
}

absl::Status SqliteJobStore::CheckRoomFor(const Job& job, const QueueLimits& limits) {
  StorageUse use{.artifact_bytes = 0, .reserved_bytes = counts_->reserved_bytes};
  if (limits.stored_bytes < QueueLimits::kNone) {
    OVI_ASSIGN_OR_RETURN(use.artifact_bytes, OneNumber(*writer_.database, kArtifactBytes));
  }
  return CheckRoom(use, job, limits);
}

absl::StatusOr<Job> SqliteJobStore::Get(const JobId& id) const {
  MutexLock lock(reader_.mutex);
  return FindJob(*reader_.database, id);
}

absl::StatusOr<JobPage> SqliteJobStore::List(const JobQuery& query) const {
  const std::vector<JobState> states = StatesOf(query.filter);
  return CollectPage(query,
                     [&](int64_t before, int64_t limit) { return Before(before, query.principal, states, limit); });
}

absl::StatusOr<std::vector<Job>> SqliteJobStore::Before(int64_t sequence, const std::optional<std::string>& principal,
                                                        const std::vector<JobState>& states, int64_t limit) const {
  MutexLock lock(reader_.mutex);
  // The inner query reads an index alone. A state that is not asked for is NULL, which equals nothing.
  OVI_ASSIGN_OR_RETURN(
      SqliteQuery query,
      reader_.database->Query(
          states.size() < kJobStates.size()
              ? "SELECT " OVI_JOB_COLUMNS
                " FROM jobs WHERE sequence IN (SELECT sequence FROM jobs WHERE sequence < ?1 AND (?2 IS NULL OR "
                "principal = ?2) AND state IN (?4, ?5, ?6, ?7, ?8, ?9) ORDER BY sequence DESC LIMIT ?3) "
                "ORDER BY sequence DESC"
          : principal.has_value() ? "SELECT " OVI_JOB_COLUMNS
                                    " FROM jobs WHERE sequence < ?1 AND principal = ?2 ORDER BY sequence DESC LIMIT ?3"
                                  : "SELECT " OVI_JOB_COLUMNS
                                    " FROM jobs WHERE sequence < ?1 AND ?2 IS NULL ORDER BY sequence DESC LIMIT ?3"));
  query.Bind(1, sequence);
  principal.has_value() ? query.BindText(2, *principal) : query.BindNull(2);
  query.Bind(3, limit);
  for (size_t i = 0; states.size() < kJobStates.size() && i < states.size(); ++i) {
    query.BindText(static_cast<int>(4 + i), JobStateName(states[i]));
  }
  return ReadJobs(query);
}

absl::StatusOr<std::vector<Job>> SqliteJobStore::Queued() const { return InState(JobState::kQueued); }
absl::StatusOr<std::vector<Job>> SqliteJobStore::Abandoned() const { return InState(JobState::kRunning); }

absl::StatusOr<std::vector<Job>> SqliteJobStore::InState(JobState state) const {
  MutexLock lock(reader_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteQuery query,
                       reader_.database->Query("SELECT " OVI_JOB_COLUMNS
                                               " FROM jobs WHERE state = ? ORDER BY sequence - head_start, sequence"));
  query.BindText(1, JobStateName(state));
  return ReadJobs(query);
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
