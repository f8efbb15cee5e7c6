#include "engine/text/umt5_layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>

#include <cmath>
#include <numbers>

namespace ovi {
namespace {

constexpr double kNormEps = 1e-6;

// The tanh approximation of gelu, one rounding per operation.
at::Tensor Gelu(const at::Tensor& x) {
  const double scale = std::sqrt(2.0 / std::numbers::pi);
  return (0.5 * x) * (1.0 + at::tanh(scale * (x + 0.044715 * at::pow(x, 3.0))));
}

}  // namespace

Umt5Norm::Umt5Norm(WeightScope weights, int64_t dim) : weight_(weights.Take("weight", {dim})) {}

at::Tensor Umt5Norm::Forward(const at::Tensor& x) const {
  const at::Tensor mean_square = at::pow(x.to(at::kFloat), 2).mean(-1, /*keepdim=*/true);
  return weight_ * (x * at::rsqrt(mean_square + kNormEps)).to(weight_.scalar_type());
}

Umt5Attention::Umt5Attention(WeightScope weights, const TextEncoderConfig& config)
    : num_heads_(config.num_heads),
      q_(weights.Sub("q").Take("weight", {config.dim_attn, config.dim})),
      k_(weights.Sub("k").Take("weight", {config.dim_attn, config.dim})),
      v_(weights.Sub("v").Take("weight", {config.dim_attn, config.dim})),
      o_(weights.Sub("o").Take("weight", {config.dim, config.dim_attn})) {}

at::Tensor Umt5Attention::SplitHeads(const at::Tensor& x, const at::Tensor& weight) const {
  return at::linear(x, weight).unflatten(-1, {num_heads_, -1}).transpose(1, 2);  // [B, H, L, D]
}

at::Tensor Umt5Attention::Forward(const at::Tensor& x, const at::Tensor& bias) const {
  const at::Tensor scores = at::matmul(SplitHeads(x, q_), SplitHeads(x, k_).transpose(2, 3)) + bias;
  const at::Tensor attention = at::softmax(scores, -1, at::kFloat).to(x.scalar_type());
  const at::Tensor heads = at::matmul(attention, SplitHeads(x, v_));
  return at::linear(heads.transpose(1, 2).flatten(2), o_);
}

Umt5FeedForward::Umt5FeedForward(WeightScope weights, const TextEncoderConfig& config)
    : gate_(weights.Sub("gate").Sub(0).Take("weight", {config.dim_ffn, config.dim})),
      fc1_(weights.Sub("fc1").Take("weight", {config.dim_ffn, config.dim})),
      fc2_(weights.Sub("fc2").Take("weight", {config.dim, config.dim_ffn})) {}

at::Tensor Umt5FeedForward::Forward(const at::Tensor& x) const {
  return at::linear(at::linear(x, fc1_) * Gelu(at::linear(x, gate_)), fc2_);
}

}  // namespace ovi
