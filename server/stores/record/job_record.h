// A job as bytes for a database, and back. What a database searches by (id, state, times, attempts) is in columns of
// its own and not in these.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/jobs/job.h"
#include "server/jobs/job_store.h"

namespace ovi {

// Without the bytes of the first frame, which a database keeps beside it until the job ends.
std::string EncodeSpec(const Job& job);
// Fills in uid and spec, but for the principal. DataLoss if the bytes are not what EncodeSpec wrote.
absl::Status DecodeSpec(std::string_view bytes, Job& job);

std::string EncodeEnd(const JobEnd& end);
// Fills in error, artifact, progress and memory. DataLoss as above.
absl::Status DecodeEnd(std::string_view bytes, Job& job);

// Of a job that runs.
std::string EncodeProgress(const JobProgress& progress);
// Fills in progress. DataLoss as above.
absl::Status DecodeProgress(std::string_view bytes, Job& job);

}  // namespace ovi
