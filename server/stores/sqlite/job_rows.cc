#include "server/stores/sqlite/job_rows.h"

#include <utility>

#include "base/status_macros.h"
#include "server/jobs/job_errors.h"

namespace ovi {

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

}  // namespace ovi
