// Reads an object by ranges, some megabytes ahead.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/artifacts/artifact_store.h"
#include "server/artifacts/s3/s3_client.h"

namespace ovi {

// NotFound if there is no such object. The reader refers to the client.
absl::StatusOr<std::unique_ptr<ArtifactReader>> OpenS3Object(const S3Client& client, const std::string& key);

}  // namespace ovi
