// Rows of the table `jobs` as jobs.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/jobs/job.h"
#include "server/stores/sqlite/sqlite_database.h"

namespace ovi {

// What ReadJob expects, in this order; to be followed by FROM jobs.
#define OVI_JOB_COLUMNS                                                                                              \
  "sequence, id, state, principal, create_time, start_time, end_time, cancel_request_time, attempts, spec, ending, " \
  "claim, expire_time, progress"
// How many those are: what else is asked for stands behind them.
constexpr int kJobColumns = 14;

// The job of the current row, without the bytes of its first frame. DataLoss if it cannot be read.
absl::StatusOr<Job> ReadJob(const SqliteQuery& row);

// The job with this id. NotFound.
absl::StatusOr<Job> FindJob(SqliteDatabase& database, const JobId& id);
// The job of `seen`, if it still has the state and the claim of it. NotFound, Aborted.
absl::StatusOr<Job> FindUnchanged(SqliteDatabase& database, const Job& seen);
// The jobs of all rows of a query that asks for OVI_JOB_COLUMNS.
absl::StatusOr<std::vector<Job>> ReadJobs(SqliteQuery& query);

// The number that a query without parameters answers.
absl::StatusOr<int64_t> OneNumber(SqliteDatabase& database, const char* sql);
inline constexpr char kArtifactBytes[] = "SELECT coalesce(sum(artifact_bytes), 0) FROM jobs WHERE artifact_bytes > 0";

int64_t ToColumn(absl::Time time);
std::optional<int64_t> ToColumn(std::optional<absl::Time> time);

}  // namespace ovi
