// How much room the artifacts of jobs take, and whether there is some for one more: refused before the work and not
// after it.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "engine/clip.h"
#include "server/jobs/job_store.h"

namespace ovi {

// What a clip's file takes at most, but for pictures of noise: for each pixel of each frame half a bit as MP4 (H.264 at
// constant quality takes less than a quarter on generated clips) and 25 bits where pictures lose nothing, and 2 kB of
// sound a frame.
int64_t ExpectedBytes(const ClipSpec& clip);

struct StorageUse {
  int64_t artifact_bytes = 0;  // of artifacts that records name
  int64_t reserved_bytes = 0;  // expected of jobs that wait and run
};

// ResourceExhausted, STORAGE_FULL, with the figures, if `job` is expected to make more than is left.
absl::Status CheckRoom(const StorageUse& use, const Job& job, const QueueLimits& limits);

}  // namespace ovi
