// RMS normalisation over channels, alone and with the SiLU that follows it nearly everywhere in this network.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/checkpoint/weights.h"

namespace ovi {

// y = x / max(|x|, 1e-12) * sqrt(C) * gamma, |x| the L2 norm over the C channels of one position (upstream: RMS_norm).
// Immutable once built.
class ChannelRmsNorm {
 public:
  // Takes "gamma": [C, 1, 1, 1] as the blocks store it, or [C, 1, 1] (`gamma_rank` 3) as the attention does.
  ChannelRmsNorm(const WeightScope& weights, int64_t channels, int gamma_rank = 4);

  // x [1, C, T, H, W] -> a new tensor.
  at::Tensor Forward(const at::Tensor& x) const;

  // out = silu(Forward(x)). `out` has the sizes of x, may be a range of frames of a larger tensor, and must not overlap
  // x. One pass over memory for float32 channels last on a CPU; else the operations of SiluReference.
  void SiluInto(const at::Tensor& x, const at::Tensor& out) const;
  // The same in tensor operations: what the pass above is held to.
  at::Tensor SiluReference(const at::Tensor& x) const;

 private:
  at::Tensor gamma_;  // [1, C, 1, 1, 1]
};

}  // namespace ovi
