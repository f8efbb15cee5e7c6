// Whether a clip fits the memory budget, and what would.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "engine/clip.h"
#include "engine/request/sizes.h"

namespace ovi {

// What a clip like the one in question, but of this size, needs at its peak, in bytes.
using PeakOfSize = std::function<int64_t(PixelSize)>;

// OK if `spec`, whose predicted_peak_bytes is set, stays within `budget_bytes` (0: no budget). Else ResourceExhausted,
// reason MEMORY_BUDGET_EXCEEDED, in GB of 10^9 bytes, with the largest size of the checkpoint that would fit, or the
// budget that would do.
absl::Status AdmitClip(const ClipSpec& spec, const CheckpointInfo& checkpoint, int64_t budget_bytes,
                       const PeakOfSize& peak_of);

}  // namespace ovi
