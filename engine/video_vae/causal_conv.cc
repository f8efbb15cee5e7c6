#include "engine/video_vae/causal_conv.h"

namespace ovi {

CausalConv::CausalConv(const WeightScope& weights, int64_t in, int64_t out, HistoryLayout& layout)
    : history_(2, layout), conv_(weights, {out, in, 3, 3, 3}, {0, 1, 1}) {}

PendingSum CausalConv::Forward(const at::Tensor& x, StreamState& state) const {
  const at::Tensor window = history_.Open(x.sizes(), x, state);
  history_.Fresh(window).copy_(x);
  history_.Remember(window, state);
  return Run(window);
}

PendingSum CausalConv::ForwardActivated(PendingSum x, const ChannelRmsNorm& norm, StreamState& state) const {
  const at::Tensor window = Activate(x, ChannelRmsNorm::Keep::kNothing, norm, state);
  x = {};
  return Run(window);
}

at::Tensor CausalConv::Activate(PendingSum& x, ChannelRmsNorm::Keep keep, const ChannelRmsNorm& norm,
                                StreamState& state) const {
  const at::Tensor window = history_.Open(x.x.sizes(), x.x, state);
  norm.SiluInto(x, keep, history_.Fresh(window));
  history_.Remember(window, state);
  return window;
}

}  // namespace ovi
