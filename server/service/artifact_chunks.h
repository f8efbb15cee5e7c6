// A part of an artifact as the chunks a stream sends.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "ovi/v1/artifact.pb.h"
#include "server/artifacts/artifact_store.h"
#include "server/jobs/job.h"

namespace ovi {

// One thread at a time.
class ArtifactChunks {
 public:
  static constexpr int64_t kChunkBytes = 256 << 10;

  // From `offset`, `limit` bytes or to the end (0). Errors: InvalidArgument (negative), OutOfRange (offset beyond the
  // end), FailedPrecondition (the job has no artifact), NotFound (it has expired by `now`), DataLoss (its file is
  // gone).
  static absl::StatusOr<std::unique_ptr<ArtifactChunks>> Open(ArtifactStore& store, const Job& job, absl::Time now,
                                                              int64_t offset, int64_t limit);

  // False at the end. DataLoss if the file is shorter than its record says.
  absl::StatusOr<bool> Next(v1::ArtifactChunk& chunk);

 private:
  std::unique_ptr<ArtifactReader> reader_;
  int64_t offset_ = 0, end_ = 0;
};

}  // namespace ovi
