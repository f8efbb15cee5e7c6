#include "server/access/tls.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <utility>

#include "base/log.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

constexpr unsigned kGrpcIntervalSeconds = 1;

// `identity` holds key and certificates: two files could be read while one of them is replaced.
std::shared_ptr<grpc::ServerCredentials> Watching(const MemoryFile& identity, const MemoryFile* client_ca) {
  namespace tls = grpc::experimental;
  tls::TlsServerCredentialsOptions options(std::make_shared<tls::FileWatcherCertificateProvider>(
      identity.path(), identity.path(), client_ca == nullptr ? "" : client_ca->path(), kGrpcIntervalSeconds));
  options.watch_identity_key_cert_pairs();
  if (client_ca != nullptr) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return tls::TlsServerCredentials(options);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Tls>> Tls::Open(const TlsFiles& files) {
  OVI_ASSIGN_OR_RETURN(TlsContents contents, ReadTlsFiles(files));
  Copies copies;
  OVI_ASSIGN_OR_RETURN(copies.identity, MemoryFile::Create(contents.identity));
  if (!files.client_ca.empty()) {
    OVI_ASSIGN_OR_RETURN(copies.client_ca, MemoryFile::Create(contents.client_ca));
  }
  return std::unique_ptr<Tls>(new Tls(files, std::move(contents), std::move(copies)));
}

Tls::Tls(const TlsFiles& files, TlsContents contents, Copies copies)
    : files_(files),
      contents_(std::move(contents)),
      copies_(std::move(copies)),
      credentials_(Watching(*copies_.identity, copies_.client_ca.get())),
      look_(kTlsFilesInterval, [this] {
        Look();
        return kTlsFilesInterval;
      }) {
  log::Info("TLS: %s", contents_.description);
}

void Tls::Look() {
  absl::StatusOr<TlsContents> contents = ReadTlsFiles(files_);
  const absl::Status status = contents.ok() ? Replace(*contents) : contents.status();
  const std::string complaint(status.message());
  if (complaint == std::exchange(complaint_, complaint) || status.ok()) return;
  log::Error("%s; TLS stays as it was", complaint);
}

absl::Status Tls::Replace(const TlsContents& contents) {
  if (contents == contents_) return absl::OkStatus();
  if (copies_.client_ca != nullptr) OVI_RETURN_IF_ERROR(copies_.client_ca->Replace(contents.client_ca));
  OVI_RETURN_IF_ERROR(copies_.identity->Replace(contents.identity));
  contents_ = contents;
  log::Info("TLS files have changed: %s", contents_.description);
  return absl::OkStatus();
}

}  // namespace ovi
