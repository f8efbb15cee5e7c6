// Resource names of the API (AIP-122) and what they mean here.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/jobs/job_id.h"

namespace ovi {

std::string JobName(const JobId& id);          // jobs/k3v9...
std::string ArtifactName(const JobId& id);     // jobs/k3v9.../artifact
std::string CheckpointName(std::string_view);  // checkpoints/960x960_10s

// InvalidArgument, violating `name`, if it has another form.
absl::StatusOr<JobId> ParseJobName(std::string_view name);
absl::StatusOr<JobId> ParseArtifactName(std::string_view name);
// "checkpoints/x" and plain "x" are both x: people type the short one.
std::string ParseCheckpointName(std::string_view name);

}  // namespace ovi
