#include "engine/video_vae/downsample.h"

#include <ATen/ops/constant_pad_nd.h>

namespace ovi {

Downsample::Downsample(const WeightScope& weights, const VaeStage& stage, HistoryLayout& layout)
    : space_(weights.Sub("resample").Sub(1), {stage.out, stage.out, 3, 3}, {0, 0, 0}, {1, 2, 2}), history_(1, layout) {
  if (stage.time_factor > 1) {
    time_.emplace(weights.Sub("time_conv"), at::IntArrayRef{stage.out, stage.out, 3, 1, 1}, Conv::Sizes{0, 0, 0},
                  Conv::Sizes{2, 1, 1});
  }
}

at::Tensor Downsample::Forward(const at::Tensor& x, StreamState& state) const {
  // Zeros to the right and below alone, as upstream pads.
  const at::Tensor small = space_.Forward(at::constant_pad_nd(x, {0, 1, 0, 1}));
  if (!time_) return small;
  const at::Tensor window = history_.Open(small.sizes(), small, state);
  history_.Fresh(window).copy_(small);
  history_.Remember(window, state);
  return state.first_chunk() ? small : time_->Forward(window);
}

}  // namespace ovi
