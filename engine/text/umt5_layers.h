// The layers of one UMT5 block (upstream: modules/t5.py). Every operation rounds to the dtype of the weights just where
// upstream's does, so float32 and bfloat16 both come out as there; fused kernels (tanh-gelu,
// scaled_dot_product_attention) would keep float32 in places where upstream rounds to bfloat16. All are values:
// immutable once built, sharing storage with the weights, thread-safe.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"

namespace ovi {

// Root-mean-square norm in float32, rounded, then times a weight. x [..., dim].
class Umt5Norm {
 public:
  Umt5Norm(WeightScope weights, int64_t dim);
  at::Tensor Forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
};

// Self-attention without the usual 1/sqrt(head_dim): x [B, L, dim] -> [B, L, dim].
class Umt5Attention {
 public:
  Umt5Attention(WeightScope weights, const TextEncoderConfig& config);
  // bias [1 or B, H, L, L] is added to the scores: relative positions, and a huge negative number where a key is
  // masked.
  at::Tensor Forward(const at::Tensor& x, const at::Tensor& bias) const;

 private:
  at::Tensor SplitHeads(const at::Tensor& x, const at::Tensor& weight) const;
  int64_t num_heads_;
  at::Tensor q_, k_, v_, o_;
};

// Gated feed-forward: fc2(fc1(x) * gelu(gate(x))).
class Umt5FeedForward {
 public:
  Umt5FeedForward(WeightScope weights, const TextEncoderConfig& config);
  at::Tensor Forward(const at::Tensor& x) const;

 private:
  at::Tensor gate_, fc1_, fc2_;
};

}  // namespace ovi
