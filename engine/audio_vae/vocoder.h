// The BigVGAN vocoder: log10 mel spectrogram -> waveform.
//   conv_pre; for each upsampling stage: transposed convolution, then the mean of its AMP blocks, one for each kernel
//   size; anti-aliased SnakeBeta; conv_post; tanh.            (Ovi: ovi/modules/mmaudio/ext/bigvgan/models.py)
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/audio_vae/anti_aliased_snake.h"
#include "engine/audio_vae/weight_norm.h"
#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/probe.h"

namespace ovi {

// A residual block of one kernel size: for each dilation x += conv2(act(conv1(act(x)))), conv1 dilated ("AMP block").
class AmpBlock {
 public:
  AmpBlock(const WeightScope& weights, int64_t channels, int64_t kernel_size, const std::vector<int64_t>& dilations,
           bool log_scale);
  // x [B, channels, T] -> the same shape.
  at::Tensor Forward(at::Tensor x) const;

  // Two for each dilation: before conv1 and before conv2.
  const std::vector<AntiAliasedSnake>& activations() const { return activations_; }

 private:
  std::vector<WeightNormConv1d> convs1_, convs2_;
  std::vector<AntiAliasedSnake> activations_;
};

// Immutable once built; Forward may run on several threads. In bfloat16 the waveform leaves with eight significant
// bits, as upstream's does.
class Vocoder {
 public:
  // `weights`: the root of the vocoder's file.
  Vocoder(const WeightScope& weights, const VocoderConfig& config);

  // mel [B, num_mels, M] -> waveform [B, 1, hop M] within [-1, 1], hop = the product of the upsampling rates.
  // Probe: "conv_pre"; for each stage i "up<i>" (after the transposed convolution) and "stage<i>" (its result).
  at::Tensor Forward(const at::Tensor& mel, Probe* probe = nullptr) const;

  int64_t hop() const { return hop_; }
  // Stage by stage, in the order of the kernel sizes within a stage: upstream's `resblocks`.
  const std::vector<AmpBlock>& blocks() const { return blocks_; }

 private:
  WeightNormConv1d conv_pre_;
  std::vector<WeightNormConvTranspose1d> upsamplers_;
  std::vector<AmpBlock> blocks_;
  AntiAliasedSnake activation_post_;
  WeightNormConv1d conv_post_;
  size_t num_kernels_;
  int64_t hop_;
};

}  // namespace ovi
