// BigVGAN's activation: SnakeBeta at twice the sampling rate, so that the harmonics which the sine adds are filtered
// off instead of folding back into the sound (Lee et al. 2023, "BigVGAN", section 3).
//   up:    end values repeated, zeros between the samples, 12-tap filter, times 2
//   snake: v + sin(alpha v)^2 / (beta + 1e-9), alpha and beta per channel
//   down:  end values repeated, 12-tap filter, every second sample
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/audio_vae/snake_kernel.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/probe.h"

namespace ovi {

// The low-pass filter that BigVGAN trains with, [1, 1, 12] float32: sinc of cutoff 0.25 under a Kaiser window, sum 1.
// The vocoder's file holds its own copies, and those are used; this is the formula they come from.
at::Tensor KaiserLowPass();

// Immutable once built; Forward may run on several threads.
class AntiAliasedSnake {
 public:
  // Takes act.alpha, act.beta [channels], upsample.filter and downsample.lowpass.filter [1, 1, 12]. `log_scale`: the
  // file holds the logarithms of alpha and beta.
  AntiAliasedSnake(const WeightScope& weights, int64_t channels, bool log_scale);

  // x [B, channels, T] in the weights' dtype -> the same shape and dtype. float32 on a CPU and bfloat16 on a GPU
  // run fused kernels.
  // Probe: "activation_up" and "activation_act" [B, channels, 2 T], "activation_out".
  at::Tensor Forward(const at::Tensor& x, Probe* probe = nullptr) const;

  // The same from tensor operations: what runs elsewhere, and what the kernels are held to.
  at::Tensor ForwardByOps(const at::Tensor& x) const;

  const at::Tensor& up_filter() const { return up_filter_; }
  const at::Tensor& down_filter() const { return down_filter_; }

 private:
  at::Tensor Upsample(const at::Tensor& x) const;
  at::Tensor Snake(const at::Tensor& x) const;
  at::Tensor Downsample(const at::Tensor& x) const;

  at::Tensor up_filter_, down_filter_;  // [1, 1, 12]
  at::Tensor alpha_, inverse_beta_;     // [1, channels, 1]
  SnakePhases phases_{};                // of the two filters
};

}  // namespace ovi
