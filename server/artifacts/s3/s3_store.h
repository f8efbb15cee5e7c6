// Artifacts as objects of a bucket: any server that speaks S3 and checks Signature Version 4.
//
//   FOLDER/KEY                 being written, on the local disk; FOLDER is emptied at start, as nobody can be writing
//   then s3://BUCKET/PREFIX/KEY     whole; its SHA-256 is the object's metadata "sha256", unless parts of it were sent
//                                   before it was whole
//
// Parts of a large file that only grows (MKV, ZIP) are sent while it is still being written.
// Commit returns when S3 has all of it: what is reported as stored is stored. It ends within a second or so of being
// told to, and after `commit_timeout` in any case.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

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
                                                               Clock& clock, const RetryPolicy& retries = {},
                                                               absl::Duration commit_timeout = kCommitTimeout);
  static constexpr absl::Duration kCommitTimeout = absl::Minutes(30);  // 100 MB at 0.5 Mbit/s

  // Writes and deletes a small object, so that a wrong key is found before a clip is made and not after.
  absl::Status CheckWritable();

  absl::StatusOr<std::unique_ptr<PendingArtifact>> Begin(const std::string& key,
                                                         const std::string& media_type) override;
  absl::StatusOr<std::unique_ptr<ArtifactReader>> Open(const std::string& key) override;
  absl::Status Delete(const std::string& key) override;
  // Of what lies directly below the prefix.
  absl::StatusOr<std::vector<ArtifactEntry>> List() override;
  // Aborts uploads in parts.
  absl::Status RemoveUnfinished(absl::Time begun_before,
                                const std::function<bool(const std::string&)>& is_ours) override;
  // For an hour from now.
  std::optional<SignedUri> Sign(const std::string& key) const override;

  // A URL with which anybody may download the artifact for `valid_for` from now: from a second to 7 days, S3's limit,
  // else InvalidArgument. Temporary credentials end it sooner. Sends nothing; does not look whether there is such an
  // artifact.
  absl::StatusOr<std::string> PresignGet(const std::string& key, absl::Duration valid_for) const;

 private:
  S3ArtifactStore(std::unique_ptr<HttpTransport> transport, const S3Settings& settings, std::string folder,
                  Clock& clock, const RetryPolicy& retries, absl::Duration commit_timeout);

  const std::unique_ptr<HttpTransport> transport_;
  Clock& clock_;
  const S3Client client_;
  const std::string folder_;
  const absl::Duration commit_timeout_;
};

}  // namespace ovi
