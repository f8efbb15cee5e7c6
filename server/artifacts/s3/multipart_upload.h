// An object that is sent in parts.
//
//   OVI_ASSIGN_OR_RETURN(auto upload, MultipartUpload::Begin(client, object, headers, should_stop));
//   ... OVI_RETURN_IF_ERROR(upload->SendPart(number, bytes, should_stop)); ...
//   return upload->Complete(number, should_stop);
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/artifacts/s3/s3_client.h"

namespace ovi {

struct S3Object {
  std::string key, media_type;
};

// One thread at a time. Destroyed before it is complete, it is aborted: parts cost money until they are. That takes
// five seconds at most; what could not be aborted by then, S3ArtifactStore::RemoveUnfinished does. Refers to the
// client.
class MultipartUpload {
 public:
  static absl::StatusOr<std::unique_ptr<MultipartUpload>> Begin(const S3Client& client, const S3Object& object,
                                                                const HttpHeaders& headers,
                                                                const ShouldStop& should_stop);
  MultipartUpload(const MultipartUpload&) = delete;
  ~MultipartUpload();

  // Parts count from 1, every one but the last of 5 MiB or more: S3's rule. One that was sent with the same bytes
  // before is not sent again; with others it is replaced.
  absl::Status SendPart(int number, std::string_view bytes, const ShouldStop& should_stop);
  // Makes the object of the first `parts` parts visible.
  absl::Status Complete(int parts, const ShouldStop& should_stop);

 private:
  struct Part {
    std::string sha256, etag;
  };
  MultipartUpload(const S3Client& client, std::string key, std::string id, std::string mark)
      : client_(client), key_(std::move(key)), id_(std::move(id)), mark_(std::move(mark)) {}
  bool IsStored(const ShouldStop& should_stop) const;

  const S3Client& client_;
  const std::string key_, id_;
  const std::string mark_;     // of this upload, among the object's metadata
  std::map<int, Part> parts_;  // by number
  bool complete_ = false;
};

}  // namespace ovi
