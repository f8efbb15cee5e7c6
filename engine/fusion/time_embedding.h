// The timestep as the network takes it in: a sinusoid, an MLP, and its projection to six modulation vectors.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/fusion/linear.h"

namespace ovi {

struct TimeRows {
  at::Tensor e;   // [R, dim], what the head is modulated with
  at::Tensor e0;  // [R, 6, dim], what the blocks are modulated with
};

class TimeEmbedding {
 public:
  // Takes `time_embedding.*` and `time_projection.*` of a tower.
  TimeEmbedding(const WeightScope& tower, const TowerConfig& config);

  TimeRows Forward(std::span<const double> timesteps) const;  // one row a timestep

  // cat(cos(t w), sin(t w)), w_k = 10000^(-k / half), k < half = freq_dim / 2: float64 [R, freq_dim]. Computed on the
  // device from numbers in the launch, so that a step copies nothing to it.
  at::Tensor Sinusoid(std::span<const double> timesteps) const;

 private:
  at::Tensor frequencies_;  // float64 [half]
  Linear first_, second_, projection_;
  int64_t dim_;
};

}  // namespace ovi
