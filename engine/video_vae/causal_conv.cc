#include "engine/video_vae/causal_conv.h"

namespace ovi {

CausalConv::CausalConv(const WeightScope& weights, int64_t in, int64_t out, HistoryLayout& layout)
    : history_(2, layout), conv_(weights, {out, in, 3, 3, 3}, {0, 1, 1}) {}

at::Tensor CausalConv::Forward(const at::Tensor& x, StreamState& state) const {
  const at::Tensor window = history_.Open(x.sizes(), x, state);
  history_.Fresh(window).copy_(x);
  return Run(window, state);
}

at::Tensor CausalConv::ForwardActivated(at::Tensor x, const ChannelRmsNorm& norm, StreamState& state) const {
  const at::Tensor window = history_.Open(x.sizes(), x, state);
  norm.SiluInto(x, history_.Fresh(window));
  x.reset();
  return Run(window, state);
}

at::Tensor CausalConv::Run(const at::Tensor& window, StreamState& state) const {
  history_.Remember(window, state);
  return conv_.Forward(window);
}

}  // namespace ovi
