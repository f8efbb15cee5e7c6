// What crashes leave: artifacts that no record names, and records whose artifact is gone.
//
// An artifact is an orphan if this job store gave it its key (server/jobs/artifact_name.h), its job has ended or is not
// there, no record names it, and it is older than an hour: between the end of an upload and the end of its job lies a
// moment. Artifacts of other stores, and files of other programs, are left alone whatever their age.
#pragma once

#include <set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/lifecycle/expiry.h"

namespace ovi {

constexpr absl::Duration kOrphanAfter = absl::Hours(1);
// An upload in parts ends within S3ArtifactStore::kCommitTimeout, or with its server.
constexpr absl::Duration kUnfinishedAfter = absl::Hours(24);

// One thread.
class Orphans {
 public:
  // `parts` outlive it.
  explicit Orphans(const LifecycleParts& parts) : parts_(parts) {}

  // Deletes orphans and what writers left unfinished, and warns, once for each, of artifacts that are lost: reading one
  // answers ARTIFACT_LOST. Returns the first error, and goes on after it where that makes sense.
  absl::Status Sweep(const ShouldStop& should_stop);

 private:
  struct Records {
    std::set<std::string> named;  // keys that records name
    std::vector<Job> missing;     // whose artifact was not in the listing
  };
  absl::StatusOr<Records> ReadRecords(const std::set<std::string>& listed, const ShouldStop& should_stop) const;
  absl::Status DeleteIfOrphan(const ArtifactEntry& entry, const JobId& id) const;
  absl::Status WarnIfLost(const Job& job);

  const LifecycleParts parts_;
  std::set<JobId> warned_;
};

}  // namespace ovi
