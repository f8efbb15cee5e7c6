// Residual block, attention, residual block: the narrowest place of the encoder and of the decoder.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>

#include "engine/checkpoint/weights.h"
#include "engine/video_vae/attention_block.h"
#include "engine/video_vae/residual_block.h"

namespace ovi {

// Immutable once built. x [1, C, T, h, w] -> the same shape.
class MiddleBlock {
 public:
  MiddleBlock(const WeightScope& weights, int64_t channels, HistoryLayout& layout)
      : first_(weights.Sub(0), channels, channels, layout),
        attention_(weights.Sub(1), channels),
        last_(weights.Sub(2), channels, channels, layout) {}

  PendingSum Forward(PendingSum x, StreamState& state) const {
    return last_.Forward(attention_.Forward(first_.Forward(std::move(x), state)), state);
  }

 private:
  ResidualBlock first_;
  AttentionBlock attention_;
  ResidualBlock last_;
};

}  // namespace ovi
