#include "server/artifacts/s3/multipart_upload.h"

#include "absl/random/random.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/artifacts/s3/s3_errors.h"
#include "server/artifacts/sha256.h"

namespace ovi {
namespace {

constexpr absl::Duration kAbortWithin = absl::Seconds(5);
constexpr char kMarkHeader[] = "x-amz-meta-upload";

}  // namespace

absl::StatusOr<std::unique_ptr<MultipartUpload>> MultipartUpload::Begin(const S3Client& client, const S3Object& object,
                                                                        const HttpHeaders& headers,
                                                                        const ShouldStop& should_stop) {
  absl::BitGen random;
  std::string mark = absl::StrFormat("%016x", absl::Uniform<uint64_t>(random));
  HttpHeaders all = headers;
  all.emplace_back("content-type", object.media_type);
  all.emplace_back(kMarkHeader, mark);
  OVI_ASSIGN_OR_RETURN(const HttpResponse response, client.Send({.method = "POST",
                                                                 .key = object.key,
                                                                 .query = {{"uploads", ""}},
                                                                 .headers = all,
                                                                 .should_stop = should_stop}));
  std::string id = XmlText(response.body, "UploadId");
  if (id.empty()) {
    return absl::InternalError(absl::StrFormat("POST %s: the answer has no UploadId", client.Uri(object.key)));
  }
  return std::unique_ptr<MultipartUpload>(new MultipartUpload(client, object.key, std::move(id), std::move(mark)));
}

MultipartUpload::~MultipartUpload() {
  if (complete_) return;
  const absl::Status aborted =
      client_.Send({.method = "DELETE", .key = key_, .query = {{"uploadId", id_}}, .within = kAbortWithin}).status();
  if (aborted.ok() || absl::IsNotFound(aborted)) return;
  log::Warning("parts of an unfinished upload stay in the bucket for a day: %s", std::string(aborted.message()));
}

absl::Status MultipartUpload::SendPart(int number, std::string_view bytes, const ShouldStop& should_stop) {
  std::string sha256 = Sha256Of(bytes);
  if (const auto sent = parts_.find(number); sent != parts_.end() && sent->second.sha256 == sha256) {
    return absl::OkStatus();
  }
  OVI_ASSIGN_OR_RETURN(const HttpResponse response,
                       client_.Send({.method = "PUT",
                                     .key = key_,
                                     .query = {{"partNumber", absl::StrFormat("%d", number)}, {"uploadId", id_}},
                                     .body = bytes,
                                     .should_stop = should_stop}));
  const auto etag = response.headers.find("etag");
  if (etag == response.headers.end()) {
    return absl::InternalError(absl::StrFormat("PUT %s: the answer has no ETag", client_.Uri(key_)));
  }
  parts_[number] = {std::move(sha256), etag->second};
  return absl::OkStatus();
}

absl::Status MultipartUpload::Complete(int parts, const ShouldStop& should_stop) {
  std::string body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const auto& [number, part] : parts_) {
    if (number > parts) break;  // of a file that was longer once
    const std::string etag = absl::StrReplaceAll(part.etag, {{"&", "&amp;"}, {"<", "&lt;"}});
    absl::StrAppendFormat(&body, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", number, etag);
  }
  body += "</CompleteMultipartUpload>";
  const absl::Status completed =
      client_
          .Send({.method = "POST", .key = key_, .query = {{"uploadId", id_}}, .body = body, .should_stop = should_stop})
          .status();
  // The first try may have worked and its answer been lost; then the next one finds no upload any more.
  complete_ = completed.ok() || (absl::IsNotFound(completed) && IsStored(should_stop));
  return complete_ ? absl::OkStatus() : completed;
}

// Whether the object is there already, made by this very upload.
bool MultipartUpload::IsStored(const ShouldStop& should_stop) const {
  const absl::StatusOr<HttpResponse> head = client_.Send({.method = "HEAD", .key = key_, .should_stop = should_stop});
  if (!head.ok()) return false;
  const auto mark = head->headers.find(kMarkHeader);
  return mark != head->headers.end() && mark->second == mark_;
}

}  // namespace ovi
