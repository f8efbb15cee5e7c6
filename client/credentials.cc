#include "client/credentials.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/status_macros.h"

namespace ovi::client {
namespace {

constexpr size_t kMaxToken = 4096;

// Metadata of a call is visible ASCII; anything else is refused by gRPC with less of an explanation.
bool CanBeSent(const std::string& token) {
  return !token.empty() && token.size() <= kMaxToken &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// Without the scheme and the port.
std::string HostOf(std::string server) {
  for (const std::string scheme : {"dns:///", "dns:", "ipv4:", "ipv6:"}) {
    if (server.rfind(scheme, 0) == 0) server = server.substr(scheme.size());
  }
  if (!server.empty() && server[0] == '[') return server.substr(1, server.find(']') - 1);
  const size_t colon = server.rfind(':');
  // More than one colon and no brackets: an IPv6 address without a port.
  return server.find(':') == colon ? server.substr(0, colon) : server;
}

bool IsLoopbackV4(const std::string& host) {
  return host.rfind("127.", 0) == 0 && host.find_first_not_of("0123456789.") == std::string::npos;
}

// Nothing is read if `path` is empty.
absl::Status ReadFile(const std::string& flag, const std::string& path, std::string& contents) {
  if (path.empty()) return absl::OkStatus();
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  contents.assign(std::istreambuf_iterator<char>(path == "-" ? std::cin : static_cast<std::istream&>(file)), {});
  if (path == "-" || (file.good() && !contents.empty())) return absl::OkStatus();
  const std::string why = errno != 0 ? std::generic_category().message(errno) : "it is empty";
  return absl::InvalidArgumentError(
      absl::StrFormat("%s is %s, which cannot be read: %s", flag, log::Escaped(path), why));
}

absl::Status ReadToken(Credentials& credentials) {
  if (credentials.token_file.empty()) return absl::OkStatus();
  OVI_RETURN_IF_ERROR(ReadFile("--token-file", credentials.token_file, credentials.token));
  credentials.token = std::string(absl::StripAsciiWhitespace(credentials.token));
  if (!credentials.token.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("--token-file is %s, in which there is no token", log::Escaped(credentials.token_file)));
}

}  // namespace

absl::Status Complete(Credentials& credentials, const std::string& server) {
  if (credentials.certificate.empty() != credentials.key.empty()) {
    return absl::InvalidArgumentError("--cert and --key belong together; give both or neither");
  }
  credentials.tls = credentials.tls || !credentials.ca.empty() || !credentials.certificate.empty();
  OVI_RETURN_IF_ERROR(ReadFile("--ca", credentials.ca, credentials.ca_pem));
  OVI_RETURN_IF_ERROR(ReadFile("--cert", credentials.certificate, credentials.certificate_pem));
  OVI_RETURN_IF_ERROR(ReadFile("--key", credentials.key, credentials.key_pem));
  OVI_RETURN_IF_ERROR(ReadToken(credentials));
  if (credentials.token.empty()) return absl::OkStatus();
  if (!CanBeSent(credentials.token)) {
    return absl::InvalidArgumentError("the token has characters that no token has, or is too long; copy it again");
  }
  if (credentials.tls || IsLoopback(server)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "a token is not sent to %s in the clear, where others could read it on the way: add --tls, or --ca "
      "with the file of who signed the server's certificate",
      log::Escaped(server)));
}

bool IsLoopback(const std::string& server) {
  if (server.rfind("unix:", 0) == 0 || server.rfind("unix-abstract:", 0) == 0) return true;
  const std::string host = HostOf(server);
  return host == "localhost" || host == "::1" || IsLoopbackV4(host);
}

}  // namespace ovi::client
