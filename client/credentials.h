// What a client shows a server, and over what.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace ovi::client {

struct Credentials {
  bool tls = false;
  std::string ca, certificate, key;  // PEM files; any of them means TLS. No ca: those the system trusts
  std::string token, token_file;     // the token, or a file with nothing else in it, which wins; "-": from stdin
  // What is in the files; of Complete.
  std::string ca_pem, certificate_pem, key_pem;
};

// Reads the files, and holds what was given to the server's address: a token goes over TLS, or to this machine.
// InvalidArgument names the flag.
absl::Status Complete(Credentials& credentials, const std::string& server);

// Whether `server`, as gRPC takes it, is this very machine: "localhost:1", "127.0.0.1:1", "[::1]:1", "unix:/run/ovi".
bool IsLoopback(const std::string& server);

}  // namespace ovi::client
