// Self-attention over the positions of one frame, one head as wide as the channels (upstream: AttentionBlock).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/checkpoint/weights.h"
#include "engine/video_vae/conv.h"
#include "engine/video_vae/rms_norm.h"

namespace ovi {

// Immutable once built. x + proj(softmax(q k^T / sqrt(C)) v), q, k, v from norm(x); frames do not see each other.
// Written out on purpose: a head of 1024 is beyond every fused kernel, and some of them then answer with wrong numbers
// instead of declining (head sizes over 256 on gfx11).
class AttentionBlock {
 public:
  AttentionBlock(const WeightScope& weights, int64_t channels);

  // x, which is `sum`, [1, C, T, h, w] -> the same shape. Takes T (h w)^2 numbers for the scores.
  PendingSum Forward(PendingSum sum) const;

 private:
  ChannelRmsNorm norm_;
  Conv to_qkv_, proj_;
};

}  // namespace ovi
