#include "engine/text/umt5_layers.h"

#include <ATen/Dispatch.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tanh.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "engine/kernels/text_ops.h"

namespace ovi {
namespace {

constexpr double kNormEps = 1e-6;

double Lowest(at::ScalarType dtype) {
  return AT_DISPATCH_FLOATING_TYPES_AND2(at::kHalf, at::kBFloat16, dtype, "Lowest",
                                         [] { return static_cast<double>(std::numeric_limits<scalar_t>::lowest()); });
}

std::vector<at::Tensor> Joined(std::vector<at::Tensor> weights, bool join) {
  if (!join) return weights;
  return {at::cat(weights, 0)};
}

}  // namespace

bool FusesUmt5(const Placement& placement, const TextEncoderConfig& config) {
  constexpr int64_t kMostBuckets = 256;  // a byte each
  const at::Tensor like = at::empty({config.dim}, at::TensorOptions(placement.device).dtype(placement.compute));
  return gpu::CanFuseText(like) && config.dim_ffn % 8 == 0 && config.num_buckets <= kMostBuckets;
}

Umt5Norm::Umt5Norm(WeightScope weights, const TextEncoderConfig& config)
    : weight_(weights.Take("weight", {config.dim})), fuses_(FusesUmt5(weights.placement(), config)) {}

at::Tensor Umt5Norm::AddThenNorm(at::Tensor& x, const at::Tensor& addend) const {
  if (fuses_) return gpu::AddThenRmsNorm(x, addend, weight_, kNormEps);
  if (addend.defined()) x = x + addend;
  return ForwardByOps(x);
}

at::Tensor Umt5Norm::ForwardByOps(const at::Tensor& x) const {
  const at::Tensor mean_square = at::pow(x.to(at::kFloat), 2).mean(-1, /*keepdim=*/true);
  return weight_ * (x * at::rsqrt(mean_square + kNormEps)).to(weight_.scalar_type());
}

Umt5Attention::Umt5Attention(WeightScope weights, const TextEncoderConfig& config)
    : num_heads_(config.num_heads),
      qkv_(Joined({weights.Sub("q").Take("weight", {config.dim_attn, config.dim}),
                   weights.Sub("k").Take("weight", {config.dim_attn, config.dim}),
                   weights.Sub("v").Take("weight", {config.dim_attn, config.dim})},
                  FusesUmt5(weights.placement(), config))),
      o_(weights.Sub("o").Take("weight", {config.dim, config.dim_attn})) {}

at::Tensor Umt5Attention::Forward(const at::Tensor& x, const at::Tensor& table, const Umt5Positions& positions) const {
  const at::Tensor heads =
      positions.by_distance.defined() ? AttendFused(x, table, positions) : AttendByOps(x, table, positions);
  return at::linear(heads, o_);
}

std::array<at::Tensor, 3> Umt5Attention::Project(const at::Tensor& x) const {
  const auto split_heads = [&](const at::Tensor& y) { return y.unflatten(-1, {num_heads_, -1}).transpose(1, 2); };
  if (qkv_.size() == 1) {
    const std::vector<at::Tensor> parts = at::linear(x, qkv_[0]).chunk(3, -1);
    return {split_heads(parts[0]), split_heads(parts[1]), split_heads(parts[2])};
  }
  return {split_heads(at::linear(x, qkv_[0])), split_heads(at::linear(x, qkv_[1])),
          split_heads(at::linear(x, qkv_[2]))};
}

at::Tensor Umt5Attention::AttendByOps(const at::Tensor& x, const at::Tensor& table,
                                      const Umt5Positions& positions) const {
  const auto [q, k, v] = Project(x);
  const at::Tensor bias = Umt5MaskedBias(Umt5PositionBias(table, positions.buckets), positions.masked);
  const at::Tensor attention = Umt5Softmax(at::matmul(q, k.transpose(2, 3)), bias);
  return at::matmul(attention, v).transpose(1, 2).flatten(2);
}

// Prompt by prompt: the heads of one are a batch with a single stride in the joined projection, so that nothing is
// copied, and their scores, 33 MB for 512 tokens, stay in a large GPU's second-level cache.
at::Tensor Umt5Attention::AttendFused(const at::Tensor& x, const at::Tensor& table,
                                      const Umt5Positions& positions) const {
  const auto [q, k, v] = Project(x);
  const int64_t count = q.size(0), length = q.size(2), head_dim = q.size(3);
  const at::Tensor out = at::empty({count, length, num_heads_, head_dim}, x.options());
  at::Tensor scores = gpu::EmptyScores(num_heads_, length, x);
  for (int64_t i = 0; i < count; ++i) {
    at::bmm_out(scores, q[i], k[i].transpose(1, 2));
    gpu::BiasSoftmax(scores, table, positions.by_distance, positions.keep.defined() ? positions.keep[i] : at::Tensor());
    at::Tensor heads = out[i].transpose(0, 1);
    at::bmm_out(heads, scores, v[i]);
  }
  return out.flatten(2);
}

at::Tensor Umt5PositionBias(const at::Tensor& table, const at::Tensor& buckets) {
  return at::embedding(table, buckets).permute({2, 0, 1}).unsqueeze(0);
}

Umt5FeedForward::Umt5FeedForward(WeightScope weights, const TextEncoderConfig& config)
    : gate_fc1_(Joined({weights.Sub("gate").Sub(0).Take("weight", {config.dim_ffn, config.dim}),
                        weights.Sub("fc1").Take("weight", {config.dim_ffn, config.dim})},
                       FusesUmt5(weights.placement(), config))),
      fc2_(weights.Sub("fc2").Take("weight", {config.dim, config.dim_ffn})) {}

at::Tensor Umt5FeedForward::Forward(const at::Tensor& x) const {
  if (gate_fc1_.size() == 1) return at::linear(gpu::GatedGelu(at::linear(x, gate_fc1_[0])), fc2_);
  return at::linear(Umt5GatedGelu(at::linear(x, gate_fc1_[0]), at::linear(x, gate_fc1_[1])), fc2_);
}

at::Tensor Umt5GatedGelu(const at::Tensor& first, const at::Tensor& second) {
  const double scale = std::sqrt(2.0 / std::numbers::pi);
  const at::Tensor& x = first;
  return second * ((0.5 * x) * (1.0 + at::tanh(scale * (x + 0.044715 * at::pow(x, 3.0)))));
}

at::Tensor Umt5Softmax(const at::Tensor& scores, const at::Tensor& bias) {
  return at::softmax(scores + bias, -1, at::kFloat).to(scores.scalar_type());
}

at::Tensor Umt5MaskedBias(const at::Tensor& bias, const at::Tensor& masked) {
  return masked.defined() ? bias.masked_fill(masked, Lowest(bias.scalar_type())) : bias;
}

}  // namespace ovi
