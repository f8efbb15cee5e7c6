#include "engine/video_vae/residual_block.h"

#include <utility>

namespace ovi {

// The indices are those of upstream's nn.Sequential; 1, 4 and 5 are SiLU, SiLU and dropout.
ResidualBlock::ResidualBlock(const WeightScope& weights, int64_t in, int64_t out, HistoryLayout& layout)
    : first_norm_(weights.Sub("residual").Sub(0), in),
      second_norm_(weights.Sub("residual").Sub(3), out),
      first_(weights.Sub("residual").Sub(2), in, out, layout),
      second_(weights.Sub("residual").Sub(6), out, out, layout) {
  if (in != out) shortcut_.emplace(weights.Sub("shortcut"), at::IntArrayRef{out, in, 1, 1, 1});
}

at::Tensor ResidualBlock::Forward(const at::Tensor& x, StreamState& state) const {
  at::Tensor y = first_.ForwardActivated(x, first_norm_, state);
  y = second_.ForwardActivated(std::move(y), second_norm_, state);
  return y.add_(shortcut_ ? shortcut_->Forward(x) : x);
}

}  // namespace ovi
