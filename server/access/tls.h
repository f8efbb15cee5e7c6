// TLS out of files that may change under way.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/repeating_thread.h"
#include "server/access/memory_file.h"
#include "server/access/tls_files.h"

namespace ovi {

// How often the files are read; gRPC then takes up to another second. Connections that are open keep what they were
// made with.
constexpr absl::Duration kTlsFilesInterval = absl::Seconds(3);

// gRPC can watch files by itself, but what it reads between the change of a certificate and that of its key it tries to
// use, and new connections fail until it reads again. So it watches copies in memory, which are replaced when all files
// are good; when they are not, the log says so, and what was good stays in use.
class Tls {
 public:
  // The errors of ReadTlsFiles.
  static absl::StatusOr<std::unique_ptr<Tls>> Open(const TlsFiles& files);

  std::shared_ptr<grpc::ServerCredentials> credentials() const { return credentials_; }

 private:
  struct Copies {
    std::unique_ptr<MemoryFile> identity, client_ca;  // the latter is null where clients need no certificate
  };

  Tls(const TlsFiles& files, TlsContents contents, Copies copies);
  void Look();
  absl::Status Replace(const TlsContents& contents);

  const TlsFiles files_;
  TlsContents contents_;  // in use
  std::string complaint_;
  const Copies copies_;
  const std::shared_ptr<grpc::ServerCredentials> credentials_;
  RepeatingThread look_;  // last: it uses the others
};

}  // namespace ovi
