#include "client/download.h"

#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <memory>
#include <thread>

#include "absl/strings/escaping.h"

namespace ovi::client {
namespace {

constexpr int kMaxReconnects = 5;

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void Add(const std::string& bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string Hex() {
    std::array<unsigned char, 32> digest = {};
    EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
    return absl::BytesToHexString(std::string(digest.begin(), digest.end()));
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

int LocalFailure(const absl::Status& status, const std::string& job_name) {
  std::fprintf(stderr, "ovi-client: %s\n  the result is still on the server: ovi-client download %s -o FILE\n",
               std::string(status.message()).c_str(), job_name.c_str());
  return kFailed;
}

}  // namespace

int DownloadArtifact(Connection& connection, const std::string& job_name, OutputFile& file) {
  Sha256 sha256;
  int64_t received = 0;
  grpc::Status status;
  for (int attempt = 0; attempt <= kMaxReconnects; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::seconds(1));
    grpc::ClientContext context;
    ShowToken(connection.options, context);
    context.set_wait_for_ready(attempt > 0);
    v1::ReadArtifactRequest request;
    request.set_name(job_name + "/artifact");
    request.set_read_offset(received);
    const auto reader = connection.stub->ReadArtifact(&context, request);
    v1::ReadArtifactResponse response;
    v1::Artifact artifact;
    while (reader->Read(&response)) {
      if (response.has_artifact()) artifact = response.artifact();
      if (!response.has_chunk()) continue;
      const std::string& data = response.chunk().data();
      if (const absl::Status written = file.Write(data); !written.ok()) {
        context.TryCancel();
        return LocalFailure(written, job_name);
      }
      sha256.Add(data);
      received += static_cast<int64_t>(data.size());
    }
    status = reader->Finish();
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE) continue;
    if (!status.ok()) break;
    if (received != artifact.size_bytes() || sha256.Hex() != artifact.sha256()) {
      return LocalFailure(absl::DataLossError("what arrived does not have the checksum that the server gave"),
                          job_name);
    }
    if (const absl::Status committed = file.Commit(); !committed.ok()) return LocalFailure(committed, job_name);
    return kOk;
  }
  return ReportFailure(connection.options, "download " + job_name, status);
}

}  // namespace ovi::client
