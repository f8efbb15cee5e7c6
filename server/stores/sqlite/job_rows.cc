#include "server/stores/sqlite/job_rows.h"

#include <string>
#include <utility>

#include "base/status_macros.h"
#include "server/jobs/job_errors.h"
#include "server/stores/record/job_record.h"

namespace ovi {
namespace {

std::optional<absl::Time> TimeOf(std::optional<int64_t> column) {
  return column.has_value() ? std::optional(absl::FromUnixNanos(*column)) : std::nullopt;
}

}  // namespace

absl::StatusOr<Job> ReadJob(const SqliteQuery& row) {
  Job job;
  job.sequence = row.Integer(0);
  const std::optional<JobId> id = JobId::Parse(row.Bytes(1));
  const std::optional<JobState> state = ParseJobState(row.Bytes(2));
  if (!id || !state)
    return absl::DataLossError("the job database holds a job without a proper id; restore a backup of it");
  job.id = *id;
  job.state = *state;
  job.spec.principal = std::string(row.Bytes(3));
  job.create_time = absl::FromUnixNanos(row.Integer(4));
  job.start_time = TimeOf(row.IntegerOrNull(5));
  job.end_time = TimeOf(row.IntegerOrNull(6));
  job.cancel_request_time = TimeOf(row.IntegerOrNull(7));
  job.attempts = static_cast<int>(row.Integer(8));
  OVI_RETURN_IF_ERROR(DecodeSpec(row.Bytes(9), job));
  if (!row.IsNull(10)) OVI_RETURN_IF_ERROR(DecodeEnd(row.Bytes(10), job));
  job.claim = row.Integer(11);
  job.expire_time = TimeOf(row.IntegerOrNull(12));
  if (!row.IsNull(13) && row.IsNull(10)) OVI_RETURN_IF_ERROR(DecodeProgress(row.Bytes(13), job));
  return job;
}

absl::StatusOr<std::vector<Job>> ReadJobs(SqliteQuery& query) {
  std::vector<Job> jobs;
  while (true) {
    OVI_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return jobs;
    OVI_ASSIGN_OR_RETURN(Job job, ReadJob(query));
    jobs.push_back(std::move(job));
  }
}

absl::StatusOr<Job> FindUnchanged(SqliteDatabase& database, const Job& seen) {
  OVI_ASSIGN_OR_RETURN(Job job, FindJob(database, seen.id));
  OVI_RETURN_IF_ERROR(CheckUnchanged(job, seen));
  return job;
}

absl::StatusOr<Job> FindJob(SqliteDatabase& database, const JobId& id) {
  OVI_ASSIGN_OR_RETURN(SqliteQuery query, database.Query("SELECT " OVI_JOB_COLUMNS " FROM jobs WHERE id = ?"));
  query.BindText(1, id.value());
  OVI_ASSIGN_OR_RETURN(const bool found, query.Next());
  if (!found) return NoSuchJob(id);
  return ReadJob(query);
}

absl::StatusOr<int64_t> OneNumber(SqliteDatabase& database, const char* sql) {
  OVI_ASSIGN_OR_RETURN(SqliteQuery query, database.Query(sql));
  OVI_RETURN_IF_ERROR(query.Run());
  return query.Integer(0);
}

int64_t ToColumn(absl::Time time) { return absl::ToUnixNanos(time); }

std::optional<int64_t> ToColumn(std::optional<absl::Time> time) {
  return time.has_value() ? std::optional(ToColumn(*time)) : std::nullopt;
}

}  // namespace ovi
