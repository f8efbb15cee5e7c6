#include "server/artifacts/s3/s3_upload.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "server/artifacts/measure.h"
#include "server/artifacts/posix_file.h"
#include "server/artifacts/s3/multipart_upload.h"

namespace ovi {
namespace {

HttpHeaders HeadersOf(const StoredArtifact& stored) {
  return {{"content-type", "video/mp4"}, {kSha256Header, stored.sha256}};
}

absl::Status SendWhole(const S3Client& client, const PosixFile& file, const StoredArtifact& stored) {
  OVI_ASSIGN_OR_RETURN(const std::string bytes, file.Read(0, stored.size_bytes));
  return client.Send({.method = "PUT", .key = stored.key, .headers = HeadersOf(stored), .body = bytes}).status();
}

// Whether the object is there already, with these very bytes.
bool IsStored(const S3Client& client, const StoredArtifact& stored) {
  const absl::StatusOr<HttpResponse> head = client.Send({.method = "HEAD", .key = stored.key});
  if (!head.ok()) return false;
  const auto sha256 = head->headers.find(kSha256Header);
  return sha256 != head->headers.end() && sha256->second == stored.sha256;
}

absl::Status SendParts(const S3Client& client, const PosixFile& file, const StoredArtifact& stored) {
  OVI_ASSIGN_OR_RETURN(const std::unique_ptr<MultipartUpload> upload,
                       MultipartUpload::Begin(client, stored.key, HeadersOf(stored)));
  for (int64_t offset = 0; offset < stored.size_bytes; offset += kPartBytes) {
    OVI_ASSIGN_OR_RETURN(const std::string part, file.Read(offset, kPartBytes));
    OVI_RETURN_IF_ERROR(upload->AddPart(part));
  }
  const absl::Status completed = upload->Complete();
  // The first Complete may have worked and its answer been lost; then the next one finds no upload any more.
  if (absl::IsNotFound(completed) && IsStored(client, stored)) return absl::OkStatus();
  return completed;
}

}  // namespace

absl::StatusOr<StoredArtifact> UploadFile(const S3Client& client, const std::string& path, const std::string& key) {
  OVI_ASSIGN_OR_RETURN(const PosixFile file, PosixFile::OpenToRead(path));
  StoredArtifact stored{.key = key, .size_bytes = 0, .sha256 = "", .uri = client.Uri(key)};
  // It is read once more below, out of memory that the system keeps: S3 wants the checksum first.
  OVI_RETURN_IF_ERROR(Measure(file, stored));
  const auto send = stored.size_bytes < kMultipartFromBytes ? &SendWhole : &SendParts;
  OVI_RETURN_IF_ERROR(send(client, file, stored));
  return stored;
}

}  // namespace ovi
