// What every tensor function in front of the kernels asks of its tensors, and how they reach a launcher.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/kernels/current_stream.h"

namespace ovi::gpu {

// Whether this build has kernels and x is what they all take: bfloat16 on a GPU.
inline bool IsBf16OnGpu(const at::Tensor& x) { return kHaveKernels && !x.is_cpu() && x.scalar_type() == at::kBFloat16; }

// The bits of a bfloat16 tensor; null for an undefined one.
inline uint16_t* Data(const at::Tensor& x) { return x.defined() ? static_cast<uint16_t*>(x.data_ptr()) : nullptr; }

}  // namespace ovi::gpu
