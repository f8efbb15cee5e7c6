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

// Whether the address can be listened on, found by trying. `text` is the value of `flag`; empty: OK. For before the
// models are loaded, which takes long enough to be sorry. Errors: Unavailable; InvalidArgument if it is no address.
absl::Status CheckListenable(std::string_view text, std::string_view flag);

// Why a library could not listen on the address, found by trying: the libraries do not say.
absl::Status WhyNotListening(const ListenAddress& address, std::string_view flag);

}  // namespace ovi
