#include "server/artifacts/s3/s3_upload.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "server/artifacts/measure.h"
#include "server/artifacts/posix_file.h"

namespace ovi {
namespace {

absl::Status SendWhole(const S3Client& client, const PosixFile& file, const StoredArtifact& stored,
                       const HttpHeaders& headers, const ShouldStop& should_stop) {
  OVI_ASSIGN_OR_RETURN(const std::string bytes, file.Read(0, stored.size_bytes));
  return client
      .Send({.method = "PUT", .key = stored.key, .headers = headers, .body = bytes, .should_stop = should_stop})
      .status();
}

absl::Status SendParts(MultipartUpload& upload, const PosixFile& file, int64_t size, const ShouldStop& should_stop) {
  int number = 0;
  for (int64_t offset = 0; offset < size; offset += kPartBytes) {
    OVI_ASSIGN_OR_RETURN(const std::string part, file.Read(offset, kPartBytes));
    OVI_RETURN_IF_ERROR(upload.SendPart(++number, part, should_stop));
  }
  return upload.Complete(number, should_stop);
}

}  // namespace

absl::StatusOr<StoredArtifact> UploadFile(const S3Client& client, const std::string& path, const S3Object& object,
                                          std::unique_ptr<MultipartUpload> begun, const ShouldStop& should_stop) {
  OVI_ASSIGN_OR_RETURN(const PosixFile file, PosixFile::OpenToRead(path));
  StoredArtifact stored{.key = object.key, .size_bytes = 0, .sha256 = "", .uri = client.Uri(object.key)};
  // It is read once more below, out of memory that the system keeps: S3 wants the checksum first.
  OVI_RETURN_IF_ERROR(Measure(file, stored));
  const HttpHeaders checksum = {{kSha256Header, stored.sha256}};
  if (stored.size_bytes < kMultipartFromBytes) {
    HttpHeaders headers = checksum;
    headers.emplace_back("content-type", object.media_type);
    OVI_RETURN_IF_ERROR(SendWhole(client, file, stored, headers, should_stop));
    return stored;
  }
  if (begun == nullptr) {
    OVI_ASSIGN_OR_RETURN(begun, MultipartUpload::Begin(client, object, checksum, should_stop));
  }
  OVI_RETURN_IF_ERROR(SendParts(*begun, file, stored.size_bytes, should_stop));
  return stored;
}

}  // namespace ovi
