#include "server/artifacts/s3/s3_store.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/artifacts/artifact_key.h"
#include "server/artifacts/posix_file.h"
#include "server/artifacts/s3/s3_reader.h"
#include "server/artifacts/s3/s3_upload.h"

namespace ovi {
namespace {

// Long enough to be clicked on, short enough for a link that was passed on to end.
constexpr absl::Duration kSignedFor = absl::Hours(1);

constexpr char kProbeKey[] = ".ovi-write-check";  // no artifact's key starts with a dot

class PendingUpload final : public PendingArtifact {
 public:
  PendingUpload(const S3Client& client, const std::string& folder, std::string key)
      : client_(client), key_(std::move(key)), path_(folder + "/" + key_) {}

  ~PendingUpload() override {
    if (const absl::Status removed = RemoveFile(path_); !removed.ok()) {
      log::Warning("an artifact's local file stays behind: %s", std::string(removed.message()));
    }
  }

  const std::string& path() const override { return path_; }
  absl::StatusOr<StoredArtifact> Commit() override { return UploadFile(client_, path_, key_); }

 private:
  const S3Client& client_;
  const std::string key_, path_;
};

}  // namespace

S3ArtifactStore::S3ArtifactStore(std::unique_ptr<HttpTransport> transport, const S3Settings& settings,
                                 std::string folder, Clock& clock, const RetryPolicy& retries)
    : transport_(std::move(transport)),
      clock_(clock),
      client_(settings, *transport_, clock, retries),
      folder_(std::move(folder)) {}

absl::StatusOr<std::unique_ptr<S3ArtifactStore>> S3ArtifactStore::Open(const S3Settings& settings,
                                                                       const std::string& folder, Clock& clock,
                                                                       const RetryPolicy& retries) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::remove_all(folder, error);
  if (!error) fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return ErrnoStatus(error.value(), "create " + folder);
  return std::unique_ptr<S3ArtifactStore>(new S3ArtifactStore(MakeCurlTransport(), settings, folder, clock, retries));
}

absl::Status S3ArtifactStore::CheckWritable() {
  OVI_RETURN_IF_ERROR(client_.Send({.method = "PUT", .key = kProbeKey, .body = "ovi"}).status());
  return client_.Send({.method = "DELETE", .key = kProbeKey}).status();
}

absl::StatusOr<std::unique_ptr<PendingArtifact>> S3ArtifactStore::Begin(const std::string& key) {
  OVI_RETURN_IF_ERROR(CheckArtifactKey(key));
  auto pending = std::make_unique<PendingUpload>(client_, folder_, key);
  OVI_RETURN_IF_ERROR(RemoveFile(pending->path()));  // of an attempt that was cut off
  return pending;
}

absl::StatusOr<std::unique_ptr<ArtifactReader>> S3ArtifactStore::Open(const std::string& key) {
  OVI_RETURN_IF_ERROR(CheckArtifactKey(key));
  return OpenS3Object(client_, key);
}

absl::Status S3ArtifactStore::Delete(const std::string& key) {
  OVI_RETURN_IF_ERROR(CheckArtifactKey(key));
  const absl::Status deleted = client_.Send({.method = "DELETE", .key = key}).status();
  return absl::IsNotFound(deleted) ? absl::OkStatus() : deleted;
}

std::optional<SignedUri> S3ArtifactStore::Sign(const std::string& key) const {
  const absl::Time now = clock_.Now();
  absl::StatusOr<std::string> uri = PresignGet(key, kSignedFor);
  if (!uri.ok()) return std::nullopt;
  return SignedUri{*std::move(uri), now + kSignedFor};
}

absl::StatusOr<std::string> S3ArtifactStore::PresignGet(const std::string& key, absl::Duration valid_for) const {
  OVI_RETURN_IF_ERROR(CheckArtifactKey(key));
  if (valid_for < absl::Seconds(1) || valid_for > absl::Hours(7 * 24)) {
    return absl::InvalidArgumentError(absl::StrFormat("a URL cannot be valid for %s; ask for a second to 7 days (168h)",
                                                      absl::FormatDuration(valid_for)));
  }
  return client_.PresignGet(key, valid_for);
}

}  // namespace ovi
