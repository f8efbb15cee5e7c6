// Audio latents to tokens, one token a latent step:
//   x = silu(conv(latent)),   tokens = conv2(silu(conv1(x)) * conv3(x))
// with convolutions over time of 7 taps, zero padding of 3 at both ends, and no bias but in the first.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"

namespace ovi {

class AudioEmbedding {
 public:
  // Takes `patch_embedding.*` of the audio tower.
  AudioEmbedding(const WeightScope& tower, const TowerConfig& config);

  at::Tensor Forward(const at::Tensor& latent) const;  // [L, C] -> [1, L, dim]

 private:
  at::Tensor in_weight_, in_bias_;
  at::Tensor gate_value_weight_;  // conv1 and conv3, which share their input, as one [2 * hidden, dim, 7]
  at::Tensor out_weight_;         // conv2
};

}  // namespace ovi
