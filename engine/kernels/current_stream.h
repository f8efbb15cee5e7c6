// Where the fused kernels are queued, and whether this build has any.
#pragma once

#include <c10/core/Device.h>

#include "engine/kernels/stream.h"

namespace ovi::gpu {

#ifdef OVI_HAVE_GPU_KERNELS
inline constexpr bool kHaveKernels = true;
#else
inline constexpr bool kHaveKernels = false;
#endif

// The current stream of an accelerator.
Stream CurrentStream(c10::Device device);

}  // namespace ovi::gpu
