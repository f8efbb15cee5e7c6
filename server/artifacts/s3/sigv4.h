// AWS Signature Version 4 for S3, as headers and as a URL that needs none.
//
// Ours and not libcurl's: that one cannot presign, and signs wrongly unless the query is sorted by its caller.
// Values only: pure functions of their arguments, held to botocore's signatures in tests/data/s3.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "server/artifacts/s3/uri_encoding.h"
#include "server/http/headers.h"

namespace ovi {

// No operator prints these: the last two must reach neither log nor error.
struct S3Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // of temporary credentials; else empty
};

// What is signed. Encoding is done here, and only here.
struct S3Request {
  std::string method;
  std::string host;  // as the Host header has it: with the port if it is not the scheme's own
  std::string path;  // "/bucket/key", not encoded
  QueryParameters query;
  HttpHeaders headers;  // further ones: range, x-amz-meta-...; all are signed
};

struct SigningScope {
  S3Credentials credentials;
  std::string region;
  absl::Time now;
};

// The request's headers with host, x-amz-content-sha256, x-amz-date, x-amz-security-token and authorization: send them
// all. `payload_sha256` in lower-case hexadecimal.
HttpHeaders SignHeaders(const S3Request& request, const std::string& payload_sha256, const SigningScope& scope);

// The query of a URL with which anybody may send `request`, with any payload, for `valid_for` from now; whole seconds.
std::string PresignQuery(const S3Request& request, absl::Duration valid_for, const SigningScope& scope);

}  // namespace ovi
