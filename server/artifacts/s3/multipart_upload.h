// An object that is sent in parts.
//
//   OVI_ASSIGN_OR_RETURN(auto upload, MultipartUpload::Begin(client, key, headers));
//   ... OVI_RETURN_IF_ERROR(upload->AddPart(bytes)); ...
//   return upload->Complete();
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/artifacts/s3/s3_client.h"

namespace ovi {

// One thread. Destroyed before it is complete, it is aborted: parts cost money until they are. Refers to the client.
class MultipartUpload {
 public:
  static absl::StatusOr<std::unique_ptr<MultipartUpload>> Begin(const S3Client& client, const std::string& key,
                                                                const HttpHeaders& headers);
  MultipartUpload(const MultipartUpload&) = delete;
  ~MultipartUpload();

  // Every part but the last of 5 MiB or more: S3's rule.
  absl::Status AddPart(std::string_view bytes);
  // Makes the object visible. NotFound: S3 does not know the upload, perhaps as an answer to Complete was lost.
  absl::Status Complete();

 private:
  MultipartUpload(const S3Client& client, std::string key, std::string id)
      : client_(client), key_(std::move(key)), id_(std::move(id)) {}

  const S3Client& client_;
  const std::string key_, id_;
  std::vector<std::string> etags_;  // of the parts, in order
  bool complete_ = false;
};

}  // namespace ovi
