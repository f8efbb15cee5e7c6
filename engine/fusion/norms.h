// The two normalisations of a tower, both over the last dimension, with statistics in float32 whatever the dtype.
// In bfloat16 each step that upstream rounds is rounded here: RMS norm rounds before and after its weight, layer norm
// once.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/checkpoint/weights.h"

namespace ovi {

// x / sqrt(mean(x^2) + eps) * weight. Queries and keys are normalised over all heads together, before the split.
class RmsNorm {
 public:
  RmsNorm(const WeightScope& weights, int64_t dim, double eps) : weight_(weights.Take("weight", {dim})), eps_(eps) {}
  at::Tensor Forward(const at::Tensor& x) const;  // [..., dim], any strides; the result is contiguous

  const at::Tensor& weight() const { return weight_; }
  double eps() const { return eps_; }

 private:
  at::Tensor weight_;
  double eps_;
};

// (x - mean) / sqrt(variance + eps) * weight + bias.
class LayerNorm {
 public:
  LayerNorm(const WeightScope& weights, int64_t dim, double eps);
  at::Tensor Forward(const at::Tensor& x) const;

  const at::Tensor& weight() const { return weight_; }
  const at::Tensor& bias() const { return bias_; }
  double eps() const { return eps_; }

 private:
  at::Tensor weight_, bias_;
  double eps_;
};

}  // namespace ovi
