// Building blocks that keep the root mean square of their input (Karras et al. 2024, "Analyzing and Improving the
// Training Dynamics of Diffusion Models"): the audio VAE has no other normalisation and no bias anywhere.
//
// Every function rounds where upstream rounds under bfloat16 autocast: each result has the dtype of its input, the norm
// is taken in float32. In float32 nothing is rounded twice.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/checkpoint/weights.h"

namespace ovi {

// x / (1e-4 + rms of x along `dim`).
at::Tensor NormalizeMagnitude(const at::Tensor& x, int64_t dim);

// silu(x) / 0.596: silu halves the magnitude of unit noise to 0.596.
at::Tensor MagnitudeSilu(const at::Tensor& x);

// (0.7 residual + 0.3 branch) / sqrt(0.7^2 + 0.3^2).
at::Tensor MagnitudeSum(const at::Tensor& residual, const at::Tensor& branch);

// A convolution without bias, padded so that an odd kernel keeps the length. The stored weight of each output channel
// is scaled to unit length at load, in float32 and before it is rounded to the placement's dtype:
//   w / (1e-4 + ||w|| / sqrt(fan_in)) / sqrt(fan_in), fan_in = in_channels * kernel_size.
// Immutable.
class MagnitudeConv1d {
 public:
  // Takes `<weights>weight` [out_channels, in_channels, kernel_size].
  MagnitudeConv1d(const WeightScope& weights, int64_t in_channels, int64_t out_channels, int64_t kernel_size);

  // The same with the weight multiplied by 1 + `gain`, a learned number [].
  MagnitudeConv1d(const WeightScope& weights, int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                  const at::Tensor& gain);

  // x [B, in_channels, L] of any floating dtype -> [B, out_channels, L] of the weight's.
  at::Tensor Forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
};

}  // namespace ovi
