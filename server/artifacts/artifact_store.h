// Where results lie once they are whole. A client never chooses a name or a path here: keys are made by the server.
//
//   OVI_ASSIGN_OR_RETURN(std::unique_ptr<PendingArtifact> pending, store.Begin(key, "video/mp4"));
//   ... write pending->path() ...
//   OVI_ASSIGN_OR_RETURN(StoredArtifact stored, pending->Commit(should_stop));   // visible now, all of it at once
//
// Keys are file names without a folder: "k3v9x2m4q8w1.mp4".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace ovi {

struct StoredArtifact {
  std::string key;
  int64_t size_bytes = 0;
  std::string sha256;  // of all bytes, lower-case hexadecimal
  std::string uri;     // file:///..., s3://...
  bool operator==(const StoredArtifact&) const = default;
};

// One of a listing.
struct ArtifactEntry {
  std::string key;
  int64_t size_bytes = 0;
  absl::Time stored_time;  // by the clock of the disk or of S3
};

// Asked now and then by what takes long, on the thread that waits for it; true ends it with Cancelled. Null: never.
using ShouldStop = std::function<bool()>;

// An address from which anybody can download an artifact, until it expires.
struct SignedUri {
  std::string uri;
  absl::Time expire_time;
};

// An artifact being written. One thread. Destroyed without Commit, it leaves nothing behind.
class PendingArtifact {
 public:
  virtual ~PendingArtifact() = default;
  // A file of the local disk, which does not exist yet; its folder does.
  virtual const std::string& path() const = 0;
  // Makes what was written durable and visible. Call it once. Told to stop, it ends within a second or so; what it may
  // have made visible by then is an orphan (server/lifecycle/orphans.h).
  virtual absl::StatusOr<StoredArtifact> Commit(const ShouldStop& should_stop) = 0;
};

// An artifact being read. One thread at a time. Deleted meanwhile, one of the local disk stays readable to its end; one
// of S3 answers NotFound, and never with bytes of another object that took its key.
class ArtifactReader {
 public:
  virtual ~ArtifactReader() = default;
  // Up to `limit` bytes from `offset`; fewer only at the end.
  virtual absl::StatusOr<std::string> Read(int64_t offset, int64_t limit) = 0;
};

// Thread-safe; a call may block for the disk or the network.
// Errors: NotFound (no such key), ResourceExhausted (storage full), PermissionDenied (the folder, or S3's keys),
// FailedPrecondition (S3: no such bucket, another region, a wrong clock), Unavailable (S3 did not answer, after every
// retry), Cancelled (told to stop), Internal (input and output; what S3 should not say).
class ArtifactStore {
 public:
  virtual ~ArtifactStore() = default;
  // `media_type`: "video/mp4", as whoever downloads it from S3 is told.
  virtual absl::StatusOr<std::unique_ptr<PendingArtifact>> Begin(const std::string& key,
                                                                 const std::string& media_type) = 0;
  virtual absl::StatusOr<std::unique_ptr<ArtifactReader>> Open(const std::string& key) = 0;
  // Nothing where the store makes no such addresses. Sends nothing.
  virtual std::optional<SignedUri> Sign(const std::string& /*key*/) const { return std::nullopt; }
  // Deleting what is not there succeeds.
  virtual absl::Status Delete(const std::string& key) = 0;

  // Every whole artifact, whoever wrote it, in no order; one that is stored meanwhile may be missing.
  virtual absl::StatusOr<std::vector<ArtifactEntry>> List() = 0;
  // Removes what writers left that ended without a word: theirs whose process is gone, or, where that cannot be seen,
  // what was begun before `begun_before` under a key that `is_ours`.
  virtual absl::Status RemoveUnfinished(absl::Time begun_before,
                                        const std::function<bool(const std::string& key)>& is_ours) = 0;
  // How many more bytes there is room for; nothing where nobody knows.
  virtual std::optional<int64_t> FreeBytes() const { return std::nullopt; }
};

}  // namespace ovi
