#include "engine/fusion/audio_embedding.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/silu.h>

#include <optional>
#include <vector>

namespace ovi {
namespace {

constexpr int64_t kTaps = 7;

// Two thirds of four times the width, in whole 256s; upstream truncates before it rounds up.
int64_t HiddenChannels(int64_t dim) {
  constexpr int64_t kMultiple = 256;
  return (8 * dim / 3 + kMultiple - 1) / kMultiple * kMultiple;
}

// x [L, C] convolved along its length: each row beside its neighbours, and one product for all taps. cuDNN would first
// turn the weights [out, C, taps] to its own order, half a gigabyte in every pass.
at::Tensor Convolve(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias = {}) {
  const at::Tensor padded = at::constant_pad_nd(x, {0, 0, kTaps / 2, kTaps / 2});
  return at::linear(padded.unfold(0, kTaps, 1).flatten(1), weight.flatten(1), bias);
}

}  // namespace

AudioEmbedding::AudioEmbedding(const WeightScope& tower, const TowerConfig& config) {
  const WeightScope in = tower.Sub("patch_embedding").Sub(0), mlp = tower.Sub("patch_embedding").Sub(2);
  const int64_t dim = config.dim, hidden = HiddenChannels(dim);
  in_weight_ = in.Take("weight", {dim, config.in_dim, kTaps});
  in_bias_ = in.Take("bias", {dim});
  gate_value_weight_ =
      at::cat({mlp.Sub("w1").Take("weight", {hidden, dim, kTaps}), mlp.Sub("w3").Take("weight", {hidden, dim, kTaps})});
  out_weight_ = mlp.Sub("w2").Take("weight", {dim, hidden, kTaps});
}

at::Tensor AudioEmbedding::Forward(const at::Tensor& latent) const {
  at::Tensor x = Convolve(latent.to(in_weight_.scalar_type()), in_weight_, in_bias_);
  const std::vector<at::Tensor> gate_value = Convolve(at::silu_(x), gate_value_weight_).chunk(2, 1);
  return Convolve(at::silu(gate_value[0]).mul_(gate_value[1]), out_weight_).unsqueeze(0);
}

}  // namespace ovi
