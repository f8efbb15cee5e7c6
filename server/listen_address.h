// host:port, as --listen takes it.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ovi {

struct ListenAddress {
  std::string host;  // "127.0.0.1", "localhost", "::1"
  int port = 0;
  bool IsLoopback() const;
  // IPv6 hosts in brackets.
  std::string ToString() const;
};

// InvalidArgument if `text` is not HOST:PORT or [HOST]:PORT.
absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view text);

// Why the address cannot be listened on, found by trying: the libraries do not say. `flag` is the one to change.
absl::Status WhyNotListening(const ListenAddress& address, std::string_view flag);

}  // namespace ovi
