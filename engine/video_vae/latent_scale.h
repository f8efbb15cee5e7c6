// Between the VAE's own latent and the one that the diffusion model sees: zero mean and unit deviation per channel.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"

namespace ovi {

// Immutable once built. Always in float32, with upstream's operations: multiplied by 1 / std, divided by 1 / std.
class LatentScale {
 public:
  LatentScale(const VideoVaeConfig& config, const Placement& placement);

  at::Tensor Normalize(const at::Tensor& mean) const;      // [1, z, T, h, w] -> float32
  at::Tensor Unnormalize(const at::Tensor& latent) const;  // the inverse, in the dtype and format of the network

 private:
  at::Tensor mean_, inverse_std_;  // [1, z, 1, 1, 1] float32
  at::ScalarType compute_;
};

}  // namespace ovi
