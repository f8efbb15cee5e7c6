// The stores that the flags name: the one place that knows all of them.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/artifacts/artifact_store.h"
#include "server/config/server_config.h"
#include "server/jobs/job_store.h"

namespace ovi {

// Errors are the store's own; an S3 bucket that cannot be written to is one.
absl::StatusOr<std::unique_ptr<ArtifactStore>> OpenArtifactStore(const ServerConfig& config);
absl::StatusOr<std::unique_ptr<JobStore>> OpenJobStore(const ServerConfig& config);

}  // namespace ovi
