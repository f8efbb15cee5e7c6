// What lies below the prefix, and what began to be uploaded there and never was whole.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/artifacts/artifact_store.h"
#include "server/artifacts/s3/s3_client.h"

namespace ovi {

// Objects directly below the prefix, by key without it. A page of 1000 is a request. Internal for what is no listing.
absl::StatusOr<std::vector<ArtifactEntry>> ListObjects(const S3Client& client);

// Aborts uploads in parts directly below the prefix that were begun before `begun_before` and whose key, without the
// prefix, `is_ours`. One that cannot be aborted does not keep the others from it; the first such error is returned.
absl::Status AbortUploads(const S3Client& client, absl::Time begun_before,
                          const std::function<bool(const std::string& key)>& is_ours);

}  // namespace ovi
