#include "server/stores/postgres/job_rows.h"

#include <utility>

#include "base/status_macros.h"
#include "server/jobs/job_errors.h"

namespace ovi {
namespace {

absl::StatusOr<Job> Find(PostgresConnection& connection, const char* sql, const JobId& id) {
  OVI_ASSIGN_OR_RETURN(const PostgresRows rows, connection.Query(sql, {std::string_view(id.value())}));
  if (rows.empty()) return NoSuchJob(id);
  return ReadJob(rows[0]);
}

}  // namespace

absl::StatusOr<Job> FindJob(PostgresConnection& connection, const JobId& id) {
  return Find(connection, "SELECT " OVI_JOB_COLUMNS " FROM ovi_jobs WHERE id = $1", id);
}

absl::StatusOr<Job> LockJob(PostgresConnection& connection, const JobId& id) {
  return Find(connection, "SELECT " OVI_JOB_COLUMNS " FROM ovi_jobs WHERE id = $1 FOR UPDATE", id);
}

absl::StatusOr<std::optional<Job>> ReadOne(const PostgresRows& rows) {
  if (rows.empty()) return std::nullopt;
  OVI_ASSIGN_OR_RETURN(Job job, ReadJob(rows[0]));
  return job;
}

absl::StatusOr<std::vector<Job>> ReadJobs(const PostgresRows& rows) {
  std::vector<Job> jobs;
  for (int row = 0; row < rows.size(); ++row) {
    OVI_ASSIGN_OR_RETURN(Job job, ReadJob(rows[row]));
    jobs.push_back(std::move(job));
  }
  return jobs;
}

}  // namespace ovi
