#include "server/artifacts/s3/s3_errors.h"

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/log.h"

namespace ovi {
namespace {

using absl::StatusCode;

constexpr size_t kMaxMessage = 200;

// Who meets them can act on them. S3's own codes, and those of MinIO and Ceph for a full disk.
constexpr struct {
  const char* code;
  StatusCode meaning;
  const char* remedy;
} kCauses[] = {
    {"InvalidAccessKeyId", StatusCode::kPermissionDenied, "check AWS_ACCESS_KEY_ID"},
    {"SignatureDoesNotMatch", StatusCode::kPermissionDenied, "check AWS_SECRET_ACCESS_KEY"},
    {"ExpiredToken", StatusCode::kPermissionDenied, "renew AWS_SESSION_TOKEN and its keys, and start the server anew"},
    {"InvalidToken", StatusCode::kPermissionDenied, "check AWS_SESSION_TOKEN; unset it for permanent keys"},
    {"AccessDenied", StatusCode::kPermissionDenied,
     "allow these keys s3:PutObject, s3:GetObject, s3:DeleteObject, s3:AbortMultipartUpload there, and s3:ListBucket, "
     "s3:ListBucketMultipartUploads of the bucket"},
    {"RequestTimeTooSkewed", StatusCode::kFailedPrecondition, "set this machine's clock"},
    {"NoSuchBucket", StatusCode::kFailedPrecondition, "create the bucket, or name another"},
    {"PermanentRedirect", StatusCode::kFailedPrecondition, "set AWS_REGION to the bucket's region"},
    {"AuthorizationHeaderMalformed", StatusCode::kFailedPrecondition, "set AWS_REGION to the bucket's region"},
    {"InvalidRange", StatusCode::kOutOfRange, ""},
    {"PreconditionFailed", StatusCode::kNotFound, "it was replaced meanwhile"},
    {"QuotaExceeded", StatusCode::kResourceExhausted, "free some space or raise the quota"},
    {"XMinioAdminBucketQuotaExceeded", StatusCode::kResourceExhausted, "free some space or raise the quota"},
    {"XMinioStorageFull", StatusCode::kResourceExhausted, "free some space"},
    {"RequestTimeout", StatusCode::kUnavailable, ""},
    {"SlowDown", StatusCode::kUnavailable, ""},
    {"InternalError", StatusCode::kUnavailable, ""},
};

// For codes that we do not know, and for answers without a body.
StatusCode MeaningOf(int http_status) {
  if (http_status == 401 || http_status == 403) return StatusCode::kPermissionDenied;
  if (http_status == 404 || http_status == 412) return StatusCode::kNotFound;
  if (http_status == 507) return StatusCode::kResourceExhausted;
  if (http_status == 429 || http_status >= 500) return StatusCode::kUnavailable;
  if (http_status >= 300 && http_status < 400) return StatusCode::kFailedPrecondition;
  return StatusCode::kInternal;
}

}  // namespace

std::vector<std::string_view> XmlElements(std::string_view xml, const std::string& element) {
  const std::string open = "<" + element + ">", close = "</" + element + ">";
  std::vector<std::string_view> found;
  while (true) {
    const size_t start = xml.find(open);
    if (start == std::string_view::npos) return found;
    xml.remove_prefix(start + open.size());
    const size_t end = xml.find(close);
    if (end == std::string_view::npos) return found;
    found.push_back(xml.substr(0, end));
    xml.remove_prefix(end + close.size());
  }
}

std::string XmlText(std::string_view xml, const std::string& element) {
  const std::vector<std::string_view> found = XmlElements(xml, element);
  if (found.empty()) return "";
  return absl::StrReplaceAll({found[0].data(), found[0].size()}, {{"&lt;", "<"},
                                                                  {"&gt;", ">"},
                                                                  {"&quot;", "\""},
                                                                  {"&apos;", "'"},
                                                                  {"&#34;", "\""},
                                                                  {"&#39;", "'"},
                                                                  {"&amp;", "&"}});
}

bool Succeeded(const HttpRequest& request, const HttpResponse& response) {
  const bool good = response.status >= 200 && response.status < 300;
  return good && (request.method != "POST" || response.body.find("<Error>") == std::string::npos);
}

absl::Status S3Status(const HttpResponse& response, const std::string& what) {
  const std::string code = XmlText(response.body, "Code");
  std::string text = absl::StrFormat("%s: HTTP %d", what, response.status);
  if (!code.empty()) absl::StrAppendFormat(&text, " %s", log::Escaped(code));
  for (const auto& cause : kCauses) {
    if (code != cause.code) continue;
    if (*cause.remedy != '\0') absl::StrAppendFormat(&text, "; %s", cause.remedy);
    if (const auto region = response.headers.find("x-amz-bucket-region");
        cause.meaning == StatusCode::kFailedPrecondition && region != response.headers.end()) {
      absl::StrAppendFormat(&text, " (%s)", log::Escaped(region->second));
    }
    return absl::Status(cause.meaning, text);
  }
  if (const std::string message = XmlText(response.body, "Message"); !message.empty()) {
    absl::StrAppendFormat(&text, " (%s)", log::Escaped(message.substr(0, kMaxMessage)));
  }
  return absl::Status(MeaningOf(response.status), text);
}

}  // namespace ovi
