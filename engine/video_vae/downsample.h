// The step down between two stages of the encoder: half the pixels, and half the frames where the stage says so
// (upstream: Resample, modes downsample2d and downsample3d).
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "engine/checkpoint/weights.h"
#include "engine/video_vae/causal_history.h"
#include "engine/video_vae/conv.h"
#include "engine/video_vae/vae_stage.h"

namespace ovi {

// Immutable once built.
class Downsample {
 public:
  Downsample(const WeightScope& weights, const VaeStage& stage, HistoryLayout& layout);

  // x [1, out, T, H, W], H and W even -> [1, out, T or T / 2, H / 2, W / 2]. In time, the clip's first frame is only
  // remembered; T is even from then on, and every output looks at its own two frames and the one before them.
  at::Tensor Forward(const at::Tensor& x, StreamState& state) const;

 private:
  Conv space_;
  CausalHistory history_;
  std::optional<Conv> time_;
};

}  // namespace ovi
