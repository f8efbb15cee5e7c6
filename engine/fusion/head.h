// The end of a tower: tokens to velocities, steered by the time embedding itself rather than its projection.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/fusion/linear.h"
#include "engine/fusion/residual_stream.h"

namespace ovi {

class Head {
 public:
  // Takes `head.*` of a tower.
  Head(const WeightScope& tower, const TowerConfig& config);

  // x [B, N, dim], e [R, dim] (modulation.h) -> [B, N, numbers of a patch].
  at::Tensor Forward(ResidualStream& x, const at::Tensor& e, int64_t clean_tokens) const;

 private:
  at::Tensor modulation_;  // [1, 2, dim]: shift, scale
  Linear linear_;
  double eps_;
};

}  // namespace ovi
