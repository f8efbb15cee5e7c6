// The 3x3x3 convolution of the video VAE: it sees a frame and the two before it, zeros around the picture and before
// the clip (upstream: CausalConv3d).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/checkpoint/weights.h"
#include "engine/video_vae/causal_history.h"
#include "engine/video_vae/conv.h"
#include "engine/video_vae/rms_norm.h"

namespace ovi {

// Immutable once built. A clip may be fed in chunks of any lengths: the results are those of the whole clip at once.
class CausalConv {
 public:
  CausalConv(const WeightScope& weights, int64_t in, int64_t out, HistoryLayout& layout);

  // x [1, in, T, H, W] -> [1, out, T, H, W].
  PendingSum Forward(const at::Tensor& x, StreamState& state) const;
  // The same of silu(norm(x)). By value: x is let go, if the caller did, before the convolution takes its memory.
  PendingSum ForwardActivated(PendingSum x, const ChannelRmsNorm& norm, StreamState& state) const;

  // The two steps of ForwardActivated, for a caller that needs x in between: Activate settles it. `window` is what Run
  // takes, T frames and the two before them.
  at::Tensor Activate(PendingSum& x, ChannelRmsNorm::Keep keep, const ChannelRmsNorm& norm, StreamState& state) const;
  PendingSum Run(const at::Tensor& window) const { return conv_.ForwardPending(window); }

  const Conv& conv() const { return conv_; }

 private:
  CausalHistory history_;
  Conv conv_;
};

}  // namespace ovi
