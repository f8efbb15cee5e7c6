// One HTTP exchange at a time: what S3 and webhooks need of a transport, and no more.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/http/headers.h"

namespace ovi {

struct HttpRequest {
  std::string method;
  std::string url;  // encoded
  HttpHeaders headers;
  std::string_view body;  // the caller's, until Send returns
  int64_t max_response_bytes = 1 << 20;
  // What is longer is cut off there and not an error: for who only needs the status.
  bool cut_response = false;
  // Asked every second at least, on the calling thread; true ends the exchange.
  std::function<bool()> should_stop = {};
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

// With whom a transport may speak.
struct HttpPolicy {
  // Asked for the very address that a socket is about to be connected to, so that a name which is looked up twice
  // cannot give two answers. Absent: any. With it no proxy is used, as a proxy would connect in our place, and
  // every exchange has a connection of its own.
  std::function<bool(const sockaddr& address)> may_connect;
  bool https_only = false;
  std::string ca_file;  // PEM; empty: the system's authorities
};

// Thread-safe; keeps connections open between calls.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  // Any answer is OK, whatever its status; a redirect is an answer and is not followed: it could lead a signature away.
  // Unavailable: no connection, a broken one, too slow. FailedPrecondition: a certificate that is not trusted.
  // PermissionDenied: the policy does not allow the address. Cancelled: should_stop said so. Internal: the response is
  // longer than it may be.
  virtual absl::StatusOr<HttpResponse> Send(const HttpRequest& request) = 0;
};

// Over libcurl. TLS certificates are always verified.
std::unique_ptr<HttpTransport> MakeCurlTransport(const HttpTimeouts& timeouts = {}, HttpPolicy policy = {});

}  // namespace ovi
