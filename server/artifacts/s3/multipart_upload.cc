#include "server/artifacts/s3/multipart_upload.h"

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/artifacts/s3/s3_errors.h"

namespace ovi {

absl::StatusOr<std::unique_ptr<MultipartUpload>> MultipartUpload::Begin(const S3Client& client, const std::string& key,
                                                                        const HttpHeaders& headers) {
  OVI_ASSIGN_OR_RETURN(const HttpResponse response,
                       client.Send({.method = "POST", .key = key, .query = {{"uploads", ""}}, .headers = headers}));
  std::string id = XmlText(response.body, "UploadId");
  if (id.empty()) {
    return absl::InternalError(absl::StrFormat("POST %s: the answer has no UploadId", client.Uri(key)));
  }
  return std::unique_ptr<MultipartUpload>(new MultipartUpload(client, key, std::move(id)));
}

MultipartUpload::~MultipartUpload() {
  if (complete_) return;
  const absl::Status aborted = client_.Send({.method = "DELETE", .key = key_, .query = {{"uploadId", id_}}}).status();
  if (aborted.ok() || absl::IsNotFound(aborted)) return;
  log::Warning("parts of an unfinished upload stay in the bucket until it is told to expire them: %s",
               std::string(aborted.message()));
}

absl::Status MultipartUpload::AddPart(std::string_view bytes) {
  const std::string number = absl::StrFormat("%d", etags_.size() + 1);
  OVI_ASSIGN_OR_RETURN(
      const HttpResponse response,
      client_.Send(
          {.method = "PUT", .key = key_, .query = {{"partNumber", number}, {"uploadId", id_}}, .body = bytes}));
  const auto etag = response.headers.find("etag");
  if (etag == response.headers.end()) {
    return absl::InternalError(absl::StrFormat("PUT %s: the answer has no ETag", client_.Uri(key_)));
  }
  etags_.push_back(etag->second);
  return absl::OkStatus();
}

absl::Status MultipartUpload::Complete() {
  std::string parts = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (size_t i = 0; i < etags_.size(); ++i) {
    const std::string etag = absl::StrReplaceAll(etags_[i], {{"&", "&amp;"}, {"<", "&lt;"}});
    absl::StrAppendFormat(&parts, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", i + 1, etag);
  }
  parts += "</CompleteMultipartUpload>";
  OVI_RETURN_IF_ERROR(
      client_.Send({.method = "POST", .key = key_, .query = {{"uploadId", id_}}, .body = parts}).status());
  complete_ = true;
  return absl::OkStatus();
}

}  // namespace ovi
