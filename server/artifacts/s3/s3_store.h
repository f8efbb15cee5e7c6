// Artifacts as objects of a bucket: any server that speaks S3 and checks Signature Version 4.
//
//   FOLDER/KEY                 being written, on the local disk; FOLDER is emptied at start, as nobody can be writing
//   then s3://BUCKET/PREFIX/KEY     whole; its SHA-256 is the object's metadata "sha256"
//
// Commit returns when S3 has all of it: what is reported as stored is stored.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/artifacts/artifact_store.h"
#include "server/artifacts/s3/s3_client.h"

namespace ovi {

// Thread-safe. What it hands out refers to it.
class S3ArtifactStore final : public ArtifactStore {
 public:
  // Creates `folder` if need be; takes no request. `clock` must outlive the store.
  static absl::StatusOr<std::unique_ptr<S3ArtifactStore>> Open(const S3Settings& settings, const std::string& folder,
                                                               Clock& clock, const RetryPolicy& retries = {});

  // Writes and deletes a small object, so that a wrong key is found before a clip is made and not after.
  absl::Status CheckWritable();

  absl::StatusOr<std::unique_ptr<PendingArtifact>> Begin(const std::string& key) override;
  absl::StatusOr<std::unique_ptr<ArtifactReader>> Open(const std::string& key) override;
  absl::Status Delete(const std::string& key) override;
  // For an hour from now.
  std::optional<SignedUri> Sign(const std::string& key) const override;

  // A URL with which anybody may download the artifact for `valid_for` from now: from a second to 7 days, S3's limit,
  // else InvalidArgument. Temporary credentials end it sooner. Sends nothing; does not look whether there is such an
  // artifact.
  absl::StatusOr<std::string> PresignGet(const std::string& key, absl::Duration valid_for) const;

 private:
  S3ArtifactStore(std::unique_ptr<HttpTransport> transport, const S3Settings& settings, std::string folder,
                  Clock& clock, const RetryPolicy& retries);

  const std::unique_ptr<HttpTransport> transport_;
  Clock& clock_;
  const S3Client client_;
  const std::string folder_;
};

}  // namespace ovi
