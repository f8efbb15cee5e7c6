// Pages of jobs out of a database that finds them by sequence, principal and state, and leaves labels to us.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "server/jobs/job_store.h"

namespace ovi {

// Up to `limit` jobs with a sequence below `before`, newest first, of the principal and in the states that the query
// asks for.
using ReadJobsBefore = std::function<absl::StatusOr<std::vector<Job>>(int64_t before, int64_t limit)>;

// What JobStore::List returns. Reads some records at a time, so that whoever asks for one job does not wait until a
// filter has read ten thousand.
absl::StatusOr<JobPage> CollectPage(const JobQuery& query, const ReadJobsBefore& read);

}  // namespace ovi
