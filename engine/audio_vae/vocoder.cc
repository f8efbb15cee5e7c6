#include "engine/audio_vae/vocoder.h"

#include <ATen/ops/add.h>
#include <ATen/ops/tanh.h>

#include <functional>
#include <numeric>
#include <string>

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

constexpr int64_t kOuterKernel = 7;  // of conv_pre and conv_post

// Channels after `stages` upsampling stages: each halves them.
int64_t StageChannels(const VocoderConfig& config, size_t stages) { return config.upsample_initial_channel >> stages; }

}  // namespace

AmpBlock::AmpBlock(const WeightScope& weights, int64_t channels, int64_t kernel_size,
                   const std::vector<int64_t>& dilations, bool log_scale) {
  for (size_t i = 0; i < dilations.size(); ++i) {
    const int64_t n = static_cast<int64_t>(i);
    convs1_.emplace_back(weights.Sub("convs1").Sub(n), channels, channels, kernel_size, dilations[i]);
    convs2_.emplace_back(weights.Sub("convs2").Sub(n), channels, channels, kernel_size);
    activations_.emplace_back(weights.Sub("activations").Sub(2 * n), channels, log_scale);
    activations_.emplace_back(weights.Sub("activations").Sub(2 * n + 1), channels, log_scale);
  }
}

at::Tensor AmpBlock::Forward(at::Tensor x) const {
  for (size_t i = 0; i < convs1_.size(); ++i) {
    const at::Tensor inner = convs1_[i].Forward(activations_[2 * i].Forward(x));
    x = convs2_[i].Forward(activations_[2 * i + 1].Forward(inner)).add_(x);
  }
  return x;
}

Vocoder::Vocoder(const WeightScope& weights, const VocoderConfig& config)
    : conv_pre_(weights.Sub("conv_pre"), config.num_mels, config.upsample_initial_channel, kOuterKernel),
      activation_post_(weights.Sub("activation_post"), StageChannels(config, config.upsample_rates.size()),
                       config.snake_logscale),
      conv_post_(weights.Sub("conv_post"), StageChannels(config, config.upsample_rates.size()), 1, kOuterKernel),
      num_kernels_(config.resblock_kernel_sizes.size()),
      hop_(std::accumulate(config.upsample_rates.begin(), config.upsample_rates.end(), int64_t{1},
                           std::multiplies<>())) {
  for (size_t i = 0; i < config.upsample_rates.size(); ++i) {
    upsamplers_.emplace_back(weights.Sub("ups").Sub(static_cast<int64_t>(i)).Sub(0), StageChannels(config, i),
                             StageChannels(config, i + 1), config.upsample_kernel_sizes[i], config.upsample_rates[i]);
    for (size_t j = 0; j < num_kernels_; ++j) {
      blocks_.emplace_back(weights.Sub("resblocks").Sub(static_cast<int64_t>(blocks_.size())),
                           StageChannels(config, i + 1), config.resblock_kernel_sizes[j],
                           config.resblock_dilation_sizes[j], config.snake_logscale);
    }
  }
}

at::Tensor Vocoder::Forward(const at::Tensor& mel, Probe* probe) const {
  at::Tensor x = conv_pre_.Forward(mel);
  if (probe != nullptr) probe->Record("conv_pre", x);
  for (size_t i = 0; i < upsamplers_.size(); ++i) {
    x = upsamplers_[i].Forward(x);
    if (probe != nullptr) probe->Record(absl::StrFormat("up%d", i), x);
    // Summed from left to right in the network's dtype, as bfloat16 rounds every partial sum.
    at::Tensor sum = blocks_[i * num_kernels_].Forward(x);
    for (size_t j = 1; j < num_kernels_; ++j) sum.add_(blocks_[i * num_kernels_ + j].Forward(x));
    x = sum.div_(static_cast<int64_t>(num_kernels_));
    if (probe != nullptr) probe->Record(absl::StrFormat("stage%d", i), x);
  }
  return at::tanh(conv_post_.Forward(activation_post_.Forward(x)));
}

}  // namespace ovi
