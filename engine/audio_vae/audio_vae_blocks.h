// What the encoder and the decoder of the audio VAE share. All values immutable; x is [B, channels, L].
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/audio_vae/magnitude_preserving.h"
#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"

namespace ovi {

// The shape of upstream's 16 kHz network; no manifest varies it.
struct AudioVaeShape {
  static constexpr int64_t kMultipliers[] = {1, 2, 4};  // channels of each level over hidden_dim
  static constexpr int64_t kLevels = 3;
  static constexpr int64_t kEncoderBlocks = 2, kDecoderBlocks = 3;  // residual blocks of a level
  static constexpr int64_t kKernel = 3;
  static constexpr int64_t kHalvedLevel = 0;  // the encoder halves the length after it, the decoder doubles before it
};

// Channels at `level`; 0 is the finest.
constexpr int64_t AudioLevelChannels(const AudioVaeConfig& config, int64_t level) {
  return config.hidden_dim * AudioVaeShape::kMultipliers[level];
}

// Limits x to +-256, which keeps a run-away activation from becoming infinite in half precision.
at::Tensor ClampActivation(const at::Tensor& x);

// x' = x / rms over channels; out = sum(shortcut(x'), conv2(silu(conv1(silu(x'))))). The shortcut starts at the
// normalised x and is a 1x1 convolution where the channels change.
class AudioResBlock {
 public:
  AudioResBlock(const WeightScope& weights, int64_t in_channels, int64_t out_channels);
  at::Tensor Forward(const at::Tensor& x) const;

 private:
  MagnitudeConv1d conv1_, conv2_;
  std::optional<MagnitudeConv1d> shortcut_;
};

// Self-attention over time with one head as wide as the channels. The rows of the qkv weight are interleaved: channel
// c of q, k and v lie at 3c, 3c + 1 and 3c + 2. q, k and v are all normalised; x is not.
class AudioAttention {
 public:
  AudioAttention(const WeightScope& weights, int64_t channels);
  at::Tensor Forward(const at::Tensor& x) const;

 private:
  MagnitudeConv1d qkv_, proj_out_;
};

// Residual block, attention, residual block, at the lowest resolution.
class AudioMiddle {
 public:
  AudioMiddle(const WeightScope& weights, int64_t channels);
  at::Tensor Forward(const at::Tensor& x) const;

 private:
  AudioResBlock block_1_;
  AudioAttention attention_;
  AudioResBlock block_2_;
};

// A level's residual blocks, each followed by the clamp.
class AudioLevel {
 public:
  AudioLevel(const WeightScope& weights, int64_t in_channels, int64_t out_channels, int64_t num_blocks);
  at::Tensor Forward(at::Tensor x) const;

 private:
  std::vector<AudioResBlock> blocks_;
};

}  // namespace ovi
