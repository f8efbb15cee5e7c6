// Chooses the attention kernels at start, by trying them on the device that will serve.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/device/attention_backend.h"
#include "engine/device/attention_trial.h"

namespace ovi {

struct AttentionSelection {
  AttentionChoice choice;
  std::vector<AttentionTrial> trials;  // every candidate, those that failed too
  // "attention: cudnn, 0.41 ms for 4096 x 4096 (flash 1.8x, efficient 2.4x slower); for up to 256 queries flash (...);
  // checked against math"
  std::string line;
};

// `requested` is "auto" (the fastest of those that are right) or a backend's name. Takes about a second on an
// accelerator. MATH is refused on an accelerator even by name: it holds every score at once, 145 GB for a 10-second
// clip. InvalidArgument: no such name. FailedPrecondition: it cannot serve, or nothing can; says why, and what would.
absl::StatusOr<AttentionSelection> ChooseAttention(const AttentionNeed& need, std::string_view requested = "auto");

// What may serve on a device of this type, in order of preference where none was timed.
std::vector<AttentionBackend> AttentionCandidates(c10::Device device);

// The rule of ChooseAttention alone, on trials already made.
absl::StatusOr<AttentionSelection> SelectAttention(c10::Device device, std::string_view requested,
                                                   std::vector<AttentionTrial> trials);

}  // namespace ovi
