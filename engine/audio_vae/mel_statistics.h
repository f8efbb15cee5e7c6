// Mean and spread of each mel band over the training set: the VAE works on (mel - mean) / std.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"

namespace ovi {

// Immutable. Both tensors [1, data_dim, 1] in the placement's dtype: under bfloat16 upstream rounds them too.
class MelStatistics {
 public:
  // Takes `data_mean` and `data_std` from the file where it has them, else the config's numbers. With neither, the
  // file's are reported missing.
  MelStatistics(const WeightScope& weights, const AudioVaeConfig& config);

  at::Tensor Normalize(const at::Tensor& mel) const;
  at::Tensor Restore(const at::Tensor& normalized) const;

 private:
  at::Tensor mean_, std_;
};

}  // namespace ovi
