// Rows of the table `jobs` as jobs.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "server/jobs/job.h"
#include "server/stores/record/job_row.h"
#include "server/stores/sqlite/sqlite_database.h"

namespace ovi {

// The job with this id. NotFound.
absl::StatusOr<Job> FindJob(SqliteDatabase& database, const JobId& id);
// The job of `seen`, if it still has the state and the claim of it. NotFound, Aborted.
absl::StatusOr<Job> FindUnchanged(SqliteDatabase& database, const Job& seen);
// The jobs of all rows of a query that asks for OVI_JOB_COLUMNS.
absl::StatusOr<std::vector<Job>> ReadJobs(SqliteQuery& query);

// The number that a query without parameters answers.
absl::StatusOr<int64_t> OneNumber(SqliteDatabase& database, const char* sql);
inline constexpr char kArtifactBytes[] = "SELECT coalesce(sum(artifact_bytes), 0) FROM jobs WHERE artifact_bytes > 0";

}  // namespace ovi
