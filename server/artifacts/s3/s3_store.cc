#include "server/artifacts/s3/s3_store.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/artifacts/artifact_key.h"
#include "server/artifacts/posix_file.h"
#include "server/artifacts/s3/early_upload.h"
#include "server/artifacts/s3/s3_listing.h"
#include "server/artifacts/s3/s3_reader.h"
#include "server/artifacts/s3/s3_upload.h"

namespace ovi {
namespace {

// Long enough to be clicked on, short enough for a link that was passed on to end.
constexpr absl::Duration kSignedFor = absl::Hours(1);

// Whoever asks for it waits, and what is left is deleted later as an orphan.
constexpr absl::Duration kDeletedWithin = absl::Seconds(20);

constexpr char kProbeKey[] = ".ovi-write-check";  // no artifact's key starts with a dot

// Whether a file of this type only grows but for its beginning. MP4 does not: with its index moved to the front when it
// is finished, every byte moves.
bool GrowsInOrder(const std::string& media_type) {
  return media_type == "video/x-matroska" || media_type == "application/zip";
}

class PendingUpload final : public PendingArtifact {
 public:
  PendingUpload(const S3Client& client, const Clock& clock, absl::Duration timeout, const std::string& folder,
                S3Object object)
      : client_(client),
        clock_(clock),
        timeout_(timeout),
        object_(std::move(object)),
        path_(folder + "/" + object_.key) {
    if (GrowsInOrder(object_.media_type)) early_ = std::make_unique<EarlyUpload>(client_, path_, object_);
  }

  ~PendingUpload() override {
    if (const absl::Status removed = RemoveFile(path_); !removed.ok()) {
      log::Warning("an artifact's local file stays behind: %s", std::string(removed.message()));
    }
  }

  const std::string& path() const override { return path_; }

  absl::StatusOr<StoredArtifact> Commit(const ShouldStop& should_stop) override {
    const absl::Duration deadline = clock_.Elapsed() + timeout_;
    bool told = false;
    absl::StatusOr<StoredArtifact> stored = Upload([&] {
      told = told || (should_stop != nullptr && should_stop());
      return told || clock_.Elapsed() > deadline;
    });
    if (told || !absl::IsCancelled(stored.status())) return stored;
    return absl::UnavailableError(
        absl::StrFormat("PUT %s: not done within %s, and given up; is the way to S3 too slow for clips?",
                        client_.Uri(object_.key), absl::FormatDuration(timeout_)));
  }

 private:
  absl::StatusOr<StoredArtifact> Upload(const ShouldStop& should_stop) {
    auto begun = early_ == nullptr ? nullptr : early_->Take(should_stop);
    return UploadFile(client_, path_, object_, std::move(begun), should_stop);
  }

  const S3Client& client_;
  const Clock& clock_;
  const absl::Duration timeout_;
  const S3Object object_;
  const std::string path_;
  std::unique_ptr<EarlyUpload> early_;
};

}  // namespace

S3ArtifactStore::S3ArtifactStore(std::unique_ptr<HttpTransport> transport, const S3Settings& settings,
                                 std::string folder, Clock& clock, const RetryPolicy& retries,
                                 absl::Duration commit_timeout)
    : transport_(std::move(transport)),
      clock_(clock),
      client_(settings, *transport_, clock, retries),
      folder_(std::move(folder)),
      commit_timeout_(commit_timeout) {}

absl::StatusOr<std::unique_ptr<S3ArtifactStore>> S3ArtifactStore::Open(const S3Settings& settings,
                                                                       const std::string& folder, Clock& clock,
                                                                       const RetryPolicy& retries,
                                                                       absl::Duration commit_timeout) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::remove_all(folder, error);
  if (!error) fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return ErrnoStatus(error.value(), "create " + folder);
  return std::unique_ptr<S3ArtifactStore>(
      new S3ArtifactStore(MakeCurlTransport(), settings, folder, clock, retries, commit_timeout));
}

absl::Status S3ArtifactStore::CheckWritable() {
  OVI_RETURN_IF_ERROR(client_.Send({.method = "PUT", .key = kProbeKey, .body = "ovi"}).status());
  return client_.Send({.method = "DELETE", .key = kProbeKey}).status();
}

absl::StatusOr<std::unique_ptr<PendingArtifact>> S3ArtifactStore::Begin(const std::string& key,
                                                                        const std::string& media_type) {
  OVI_RETURN_IF_ERROR(CheckArtifactKey(key));
  auto pending = std::make_unique<PendingUpload>(client_, clock_, commit_timeout_, folder_, S3Object{key, media_type});
  OVI_RETURN_IF_ERROR(RemoveFile(pending->path()));  // of an attempt that was cut off
  return pending;
}

absl::StatusOr<std::unique_ptr<ArtifactReader>> S3ArtifactStore::Open(const std::string& key) {
  OVI_RETURN_IF_ERROR(CheckArtifactKey(key));
  return OpenS3Object(client_, key);
}

absl::Status S3ArtifactStore::Delete(const std::string& key) {
  OVI_RETURN_IF_ERROR(CheckArtifactKey(key));
  const absl::Status deleted = client_.Send({.method = "DELETE", .key = key, .within = kDeletedWithin}).status();
  return absl::IsNotFound(deleted) ? absl::OkStatus() : deleted;
}

absl::StatusOr<std::vector<ArtifactEntry>> S3ArtifactStore::List() { return ListObjects(client_); }

absl::Status S3ArtifactStore::RemoveUnfinished(absl::Time begun_before,
                                               const std::function<bool(const std::string&)>& is_ours) {
  return AbortUploads(client_, begun_before, is_ours);
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
