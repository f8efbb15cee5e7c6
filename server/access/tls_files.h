// The files of TLS, looked at before anybody relies on them. Knows OpenSSL and no gRPC.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace ovi {

struct TlsFiles {
  std::string certificate;  // PEM: the server's own, then those that lead from it to a root
  std::string key;          // PEM, without a passphrase
  std::string client_ca;    // PEM: who signs the clients' certificates; empty: clients need none
};

struct TlsContents {
  std::string identity;     // the certificates, and the key
  std::string client_ca;    // empty if clients need no certificate
  std::string description;  // "certificate of CN = ovi.example.org, valid until Jun  1 12:00:00 2027 GMT"
  bool operator==(const TlsContents&) const = default;
};

// InvalidArgument, NotFound or PermissionDenied, naming the flag and the file, if one cannot be read, is not what it
// should be, does not belong to the other, or is a key that everybody on the machine can read.
absl::StatusOr<TlsContents> ReadTlsFiles(const TlsFiles& files);

}  // namespace ovi
