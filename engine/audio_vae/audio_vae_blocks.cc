#include "engine/audio_vae/audio_vae_blocks.h"

#include <ATen/ops/clamp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/softmax.h>

#include <cmath>

namespace ovi {
namespace {

std::optional<MagnitudeConv1d> TakeShortcut(const WeightScope& weights, int64_t in_channels, int64_t out_channels) {
  if (in_channels == out_channels) return std::nullopt;
  return MagnitudeConv1d(weights.Sub("nin_shortcut"), in_channels, out_channels, 1);
}

// Plain softmax(q k^T / sqrt(C)) v in float32: fused kernels are wrong or absent for a head this wide, and a few
// hundred positions cost nothing. q, k, v [B, C, L]; the result [B, C, L] has their dtype.
at::Tensor AttendOverTime(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(1)));
  const at::Tensor scores = at::mul(at::matmul(q.to(at::kFloat).transpose(1, 2), k.to(at::kFloat)), scale);
  const at::Tensor shares = at::softmax(scores, -1);
  return at::matmul(v.to(at::kFloat), shares.transpose(1, 2)).to(q.scalar_type());
}

}  // namespace

at::Tensor ClampActivation(const at::Tensor& x) { return at::clamp(x, -256, 256); }

AudioResBlock::AudioResBlock(const WeightScope& weights, int64_t in_channels, int64_t out_channels)
    : conv1_(weights.Sub("conv1"), in_channels, out_channels, AudioVaeShape::kKernel),
      conv2_(weights.Sub("conv2"), out_channels, out_channels, AudioVaeShape::kKernel),
      shortcut_(TakeShortcut(weights, in_channels, out_channels)) {}

at::Tensor AudioResBlock::Forward(const at::Tensor& x) const {
  const at::Tensor normalized = NormalizeMagnitude(x, 1);
  const at::Tensor inner = MagnitudeSilu(conv1_.Forward(MagnitudeSilu(normalized)));
  return MagnitudeSum(shortcut_ ? shortcut_->Forward(normalized) : normalized, conv2_.Forward(inner));
}

AudioAttention::AudioAttention(const WeightScope& weights, int64_t channels)
    : qkv_(weights.Sub("qkv"), channels, 3 * channels, 1), proj_out_(weights.Sub("proj_out"), channels, channels, 1) {}

at::Tensor AudioAttention::Forward(const at::Tensor& x) const {
  const at::Tensor qkv = qkv_.Forward(x).reshape({x.size(0), x.size(1), 3, x.size(2)});
  const at::Tensor normalized = NormalizeMagnitude(qkv, 1);
  const at::Tensor attended = AttendOverTime(normalized.select(2, 0), normalized.select(2, 1), normalized.select(2, 2));
  return MagnitudeSum(x, proj_out_.Forward(attended));
}

AudioMiddle::AudioMiddle(const WeightScope& weights, int64_t channels)
    : block_1_(weights.Sub("block_1"), channels, channels),
      attention_(weights.Sub("attn_1"), channels),
      block_2_(weights.Sub("block_2"), channels, channels) {}

at::Tensor AudioMiddle::Forward(const at::Tensor& x) const {
  return block_2_.Forward(attention_.Forward(block_1_.Forward(x)));
}

AudioLevel::AudioLevel(const WeightScope& weights, int64_t in_channels, int64_t out_channels, int64_t num_blocks) {
  for (int64_t i = 0; i < num_blocks; ++i) {
    blocks_.emplace_back(weights.Sub("block").Sub(i), i == 0 ? in_channels : out_channels, out_channels);
  }
}

at::Tensor AudioLevel::Forward(at::Tensor x) const {
  for (const AudioResBlock& block : blocks_) x = ClampActivation(block.Forward(x));
  return x;
}

}  // namespace ovi
