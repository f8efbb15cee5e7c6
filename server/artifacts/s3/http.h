// One HTTP exchange at a time: what the S3 client needs of a transport, and no more.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/artifacts/s3/sigv4.h"

namespace ovi {

struct HttpRequest {
  std::string method;
  std::string url;  // encoded
  HttpHeaders headers;
  std::string_view body;  // the caller's, until Send returns
  int64_t max_response_bytes = 1 << 20;
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

struct HttpTimeouts {
  absl::Duration connect = absl::Seconds(10);
  absl::Duration stalled = absl::Seconds(30);  // not a byte in or out for so long
  absl::Duration whole = absl::Minutes(10);    // 16 MiB at 0.2 Mbit/s
};

// Thread-safe; keeps connections open between calls.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  // Any answer is OK, whatever its status; a redirect is an answer and is not followed: it could lead a signature away.
  // Unavailable: no connection, a broken one, too slow. FailedPrecondition: a certificate that is not trusted.
  // Internal: the response is longer than it may be.
  virtual absl::StatusOr<HttpResponse> Send(const HttpRequest& request) = 0;
};

// Over libcurl. TLS certificates are always verified, against the system's authorities.
std::unique_ptr<HttpTransport> MakeCurlTransport(const HttpTimeouts& timeouts = {});

}  // namespace ovi
