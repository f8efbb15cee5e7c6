// A local file becomes an object: in one piece if it is small, else in parts. S3 shows it whole or not at all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/artifacts/artifact_store.h"
#include "server/artifacts/s3/multipart_upload.h"
#include "server/artifacts/s3/s3_client.h"

namespace ovi {

inline constexpr int64_t kMultipartFromBytes = 16 << 20;
inline constexpr int64_t kPartBytes = 8 << 20;  // S3 takes 10 000 parts, so 78 GiB

// `begun`: what was sent of the file already, or null. The file's SHA-256 is kept with the object, as metadata, unless
// the object was begun before it was known. What was begun is aborted if it fails, or a warning says what stays behind.
// Errors: as of ArtifactStore; NotFound if there is no file at `path`.
absl::StatusOr<StoredArtifact> UploadFile(const S3Client& client, const std::string& path, const S3Object& object,
                                          std::unique_ptr<MultipartUpload> begun, const ShouldStop& should_stop);

// Under which S3 gives the checksum back.
inline constexpr char kSha256Header[] = "x-amz-meta-sha256";

}  // namespace ovi
