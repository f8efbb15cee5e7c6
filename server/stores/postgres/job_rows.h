// Rows of the table `ovi_jobs` as jobs.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/jobs/job.h"
#include "server/stores/postgres/postgres_connection.h"
#include "server/stores/record/job_row.h"

namespace ovi {

// The job with this id. NotFound.
absl::StatusOr<Job> FindJob(PostgresConnection& connection, const JobId& id);
// The same, and nobody else changes it before the end of the transaction.
absl::StatusOr<Job> LockJob(PostgresConnection& connection, const JobId& id);
// The job of the only row of a query that asks for OVI_JOB_COLUMNS; nothing without a row.
absl::StatusOr<std::optional<Job>> ReadOne(const PostgresRows& rows);
// The jobs of all rows of such a query.
absl::StatusOr<std::vector<Job>> ReadJobs(const PostgresRows& rows);

}  // namespace ovi
