// One step of a clip before anybody asks for one, so that no job pays for what a device does the first time: choosing
// kernels, loading them, growing the allocator.
#pragma once

#include "absl/status/status.h"
#include "engine/clip.h"
#include "engine/pipeline/models.h"

namespace ovi {

// Text, first frame, one step, sound and pictures in the size of `spec`; nothing is written. Errors as of the stages.
absl::Status WarmUp(const Models& models, ClipSpec spec);

}  // namespace ovi
