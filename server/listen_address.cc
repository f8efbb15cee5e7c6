#include "server/listen_address.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "base/log.h"
#include "base/status_macros.h"

namespace ovi {

bool ListenAddress::IsLoopback() const { return host == "localhost" || host == "::1" || host.starts_with("127."); }

std::string ListenAddress::ToString() const {
  if (host.find(':') != std::string::npos) return absl::StrFormat("[%s]:%d", host, port);
  return absl::StrFormat("%s:%d", host, port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view text) {
  ListenAddress address;
  const size_t colon = text.rfind(':');
  const std::string port(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  std::string_view host = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  address.host = std::string(host);
  const bool is_host = !host.empty() && (bracketed || host.find(':') == std::string_view::npos);
  if (is_host && absl::SimpleAtoi(port, &address.port) && address.port >= 0 && address.port <= 65535) return address;
  return absl::InvalidArgumentError(
      absl::StrFormat("'%s' is not HOST:PORT with a port from 0 to 65535, like 127.0.0.1:50051", log::Escaped(text)));
}

namespace {

absl::Status CannotListen(const ListenAddress& address, std::string_view flag, std::string_view why) {
  return WithReason(
      absl::UnavailableError(absl::StrFormat("cannot listen on %s: %s; stop what uses it or choose another %s",
                                             address.ToString(), why, flag)),
      "CANNOT_LISTEN");
}

// Why not, in words; empty if it can be done.
std::string TryToBind(const ListenAddress& address) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.host.c_str(), absl::StrFormat("%d", address.port).c_str(), &hints, &found);
  if (error != 0) return gai_strerror(error);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  const int fd = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
  if (fd < 0) return std::generic_category().message(errno);
  // As the libraries do: what a server that ended just now left behind is no hindrance.
  constexpr int kOn = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof(kOn));
  const int bound = bind(fd, found->ai_addr, found->ai_addrlen);
  const std::string why = bound == 0 ? "" : std::generic_category().message(errno);
  close(fd);
  return why;
}

}  // namespace

absl::Status CheckListenable(std::string_view text, std::string_view flag) {
  if (text.empty()) return absl::OkStatus();
  OVI_ASSIGN_OR_RETURN(const ListenAddress address, ParseListenAddress(text));
  const std::string why = TryToBind(address);
  return why.empty() ? absl::OkStatus() : CannotListen(address, flag, why);
}

absl::Status WhyNotListening(const ListenAddress& address, std::string_view flag) {
  const std::string why = TryToBind(address);
  return CannotListen(address, flag, why.empty() ? "the library that serves it refused" : why);
}

}  // namespace ovi
