// x + conv(silu(norm(conv(silu(norm(x)))))), the body of the video VAE (upstream: ResidualBlock).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "engine/checkpoint/weights.h"
#include "engine/video_vae/causal_conv.h"

namespace ovi {

// Immutable once built.
class ResidualBlock {
 public:
  // Where the number of channels changes, the sum takes a 1x1x1 convolution ("shortcut") of x.
  ResidualBlock(const WeightScope& weights, int64_t in, int64_t out, HistoryLayout& layout);

  // x [1, in, T, H, W] -> [1, out, T, H, W].
  PendingSum Forward(PendingSum x, StreamState& state) const;

 private:
  ChannelRmsNorm first_norm_, second_norm_;
  CausalConv first_, second_;
  std::optional<Conv> shortcut_;
  at::Tensor bias_;  // of `second_` and `shortcut_` together, where both are left to the next pass
};

}  // namespace ovi
