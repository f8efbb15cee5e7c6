// RMS normalisation over channels, alone and with the SiLU that follows it nearly everywhere in this network.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/checkpoint/weights.h"
#include "engine/video_vae/pending_sum.h"

namespace ovi {

// y = x / max(|x|, 1e-12) * sqrt(C) * gamma, |x| the L2 norm over the C channels of one position (upstream: RMS_norm).
// Immutable once built.
class ChannelRmsNorm {
 public:
  // Takes "gamma": [C, 1, 1, 1] as the blocks store it, or [C, 1, 1] (`gamma_rank` 3) as the attention does.
  ChannelRmsNorm(const WeightScope& weights, int64_t channels, int gamma_rank = 4);

  // x [1, C, T, H, W] -> a new tensor of x's dtype, the norm taken in float32.
  at::Tensor Forward(const at::Tensor& x) const;

  // out = silu(Forward(x)) for x the sum, which stays pending unless it is kept: then `sum` is settled by the way.
  // `out` has the sizes of x, may be a range of frames of a larger tensor, and must not overlap x. One pass over memory
  // for float32 on a CPU and bfloat16 on a GPU, both channels last; else the operations of SiluReference.
  enum class Keep { kNothing, kSum };
  void SiluInto(PendingSum& sum, Keep keep, const at::Tensor& out) const;
  // silu(Forward(x)) in tensor operations, in float32: what those passes are held to.
  at::Tensor SiluReference(const at::Tensor& x) const;

 private:
  at::Tensor Normalise(const at::Tensor& x) const;  // -> float32

  at::Tensor gamma_;  // [1, C, 1, 1, 1]
};

}  // namespace ovi
