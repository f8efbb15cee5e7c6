// The step up between two stages of the decoder: twice the pixels, and twice the frames where the stage says so
// (upstream: Resample, modes upsample2d and upsample3d).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "engine/checkpoint/weights.h"
#include "engine/video_vae/causal_history.h"
#include "engine/video_vae/channel_shortcut.h"
#include "engine/video_vae/conv.h"

namespace ovi {

// Immutable once built.
//
// In space: nearest neighbour, then a 3x3 convolution. Of its nine taps, those that fall on copies of one pixel are
// added up at load: four 2x2 convolutions of the small picture, one for each pixel of the enlarged cell, give the same
// numbers but for rounding with 4/9 of the products.
// In time: a causal convolution over three frames with twice the channels; its halves are the even and the odd frames.
// The clip's first chunk passes untouched and is not looked back upon.
class Upsample {
 public:
  Upsample(const WeightScope& weights, const VaeStage& stage, HistoryLayout& layout);

  // x [1, out, T, h, w] behind the stage's blocks, `stage_input` [1, in, T, h, w] before them, whose enlarged channels
  // are added -> [1, out, T or 2 T, 2h, 2w].
  at::Tensor Forward(PendingSum x, const at::Tensor& stage_input, StreamState& state) const;

 private:
  // Where the frames of one x go: `t` is their place in the shortcut's enlarged cell, and the frames of `out`
  // [1, out, T', 2h, 2w] that they become are first, first + step, ...
  struct Frames {
    int64_t t, first, step;
  };
  // x [1, out, T, h, w] -> the frames of `out`.
  void Enlarge(const at::Tensor& x, const at::Tensor& stage_input, const Frames& frames, const at::Tensor& out) const;

  VaeStage stage_;
  RepeatUp shortcut_;
  Conv four_;                // [4 out, out, 1, 2, 2], by pixel of the enlarged cell
  CausalHistory history_;    // of the convolutions in time
  std::vector<Conv> times_;  // even and odd frames; empty: the frame rate stays
};

}  // namespace ovi
