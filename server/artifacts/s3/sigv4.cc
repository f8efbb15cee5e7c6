#include "server/artifacts/s3/sigv4.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "server/artifacts/sha256.h"

namespace ovi {
namespace {

constexpr char kAlgorithm[] = "AWS4-HMAC-SHA256";

// 20261124T224842Z
std::string Timestamp(absl::Time time) { return absl::FormatTime("%Y%m%dT%H%M%SZ", time, absl::UTCTimeZone()); }

// What a signature is good for: one day, one region, S3.
std::string ScopeOf(const SigningScope& scope) {
  return absl::StrFormat("%s/%s/s3/aws4_request", Timestamp(scope.now).substr(0, 8), scope.region);
}

HttpHeaders Sorted(HttpHeaders headers) {
  std::sort(headers.begin(), headers.end());
  return headers;
}

std::string NamesOf(const HttpHeaders& sorted) {
  std::string names;
  for (const auto& [name, value] : sorted) absl::StrAppendFormat(&names, "%s%s", names.empty() ? "" : ";", name);
  return names;
}

// `query` encoded and sorted.
std::string Signature(const S3Request& request, const std::string& query, const HttpHeaders& sorted_headers,
                      const std::string& payload_sha256, const SigningScope& scope) {
  std::string canonical = absl::StrFormat("%s\n%s\n%s\n", request.method, EncodeUriPath(request.path), query);
  for (const auto& [name, value] : sorted_headers) {
    std::string trimmed = value;
    absl::RemoveExtraAsciiWhitespace(&trimmed);
    absl::StrAppendFormat(&canonical, "%s:%s\n", name, trimmed);
  }
  absl::StrAppendFormat(&canonical, "\n%s\n%s", NamesOf(sorted_headers), payload_sha256);
  const std::string text =
      absl::StrFormat("%s\n%s\n%s\n%s", kAlgorithm, Timestamp(scope.now), ScopeOf(scope), Sha256Of(canonical));
  std::string key = "AWS4" + scope.credentials.secret_access_key;
  for (const std::string& part :
       {Timestamp(scope.now).substr(0, 8), scope.region, std::string("s3"), std::string("aws4_request")}) {
    key = HmacSha256(key, part);
  }
  return absl::BytesToHexString(HmacSha256(key, text));
}

}  // namespace

HttpHeaders SignHeaders(const S3Request& request, const std::string& payload_sha256, const SigningScope& scope) {
  HttpHeaders headers = request.headers;
  headers.emplace_back("host", request.host);
  headers.emplace_back("x-amz-content-sha256", payload_sha256);
  headers.emplace_back("x-amz-date", Timestamp(scope.now));
  if (!scope.credentials.session_token.empty()) {
    headers.emplace_back("x-amz-security-token", scope.credentials.session_token);
  }
  headers = Sorted(std::move(headers));
  const std::string signature = Signature(request, EncodeQuery(request.query), headers, payload_sha256, scope);
  headers.emplace_back("authorization",
                       absl::StrFormat("%s Credential=%s/%s, SignedHeaders=%s, Signature=%s", kAlgorithm,
                                       scope.credentials.access_key_id, ScopeOf(scope), NamesOf(headers), signature));
  return headers;
}

std::string PresignQuery(const S3Request& request, absl::Duration valid_for, const SigningScope& scope) {
  HttpHeaders headers = request.headers;
  headers.emplace_back("host", request.host);
  headers = Sorted(std::move(headers));
  QueryParameters query = request.query;
  query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  query.emplace_back("X-Amz-Credential", absl::StrFormat("%s/%s", scope.credentials.access_key_id, ScopeOf(scope)));
  query.emplace_back("X-Amz-Date", Timestamp(scope.now));
  query.emplace_back("X-Amz-Expires", absl::StrFormat("%d", absl::ToInt64Seconds(valid_for)));
  query.emplace_back("X-Amz-SignedHeaders", NamesOf(headers));
  if (!scope.credentials.session_token.empty()) {
    query.emplace_back("X-Amz-Security-Token", scope.credentials.session_token);
  }
  const std::string encoded = EncodeQuery(query);
  return absl::StrFormat("%s&X-Amz-Signature=%s", encoded,
                         Signature(request, encoded, headers, "UNSIGNED-PAYLOAD", scope));
}

}  // namespace ovi
