#include "engine/video_vae/residual_block.h"

#include <utility>

namespace ovi {

// The indices are those of upstream's nn.Sequential; 1, 4 and 5 are SiLU, SiLU and dropout.
ResidualBlock::ResidualBlock(const WeightScope& weights, int64_t in, int64_t out, HistoryLayout& layout)
    : first_norm_(weights.Sub("residual").Sub(0), in),
      second_norm_(weights.Sub("residual").Sub(3), out),
      first_(weights.Sub("residual").Sub(2), in, out, layout),
      second_(weights.Sub("residual").Sub(6), out, out, layout) {
  if (in == out) return;
  shortcut_.emplace(weights.Sub("shortcut"), at::IntArrayRef{out, in, 1, 1, 1});
  if (shortcut_->defers_bias()) bias_ = second_.conv().bias().add(shortcut_->bias());
}

PendingSum ResidualBlock::Forward(PendingSum x, StreamState& state) const {
  at::Tensor window = first_.Activate(x, ChannelRmsNorm::Keep::kSum, first_norm_, state);
  at::Tensor addend = x.x;
  if (shortcut_) addend = bias_.defined() ? shortcut_->ForwardWithoutBias(x.x) : shortcut_->Forward(x.x);
  x = {};  // before the convolutions take their memory
  PendingSum inner = first_.Run(window);
  window.reset();
  PendingSum y = second_.ForwardActivated(std::move(inner), second_norm_, state);
  y.addend = std::move(addend);
  if (bias_.defined()) y.bias = bias_;
  return y;
}

}  // namespace ovi
