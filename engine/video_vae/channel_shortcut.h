// The shortcuts around a whole stage, which have no weights: positions folded into channels and averaged on the way
// down, channels repeated and unfolded into positions on the way up (upstream: AvgDown3D, DupUp3D).
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <vector>

#include "engine/video_vae/vae_stage.h"

namespace ovi {

// x [1, in, T, H, W] -> [1, out, ceil(T / ft), H / fs, W / fs], with ft, fs the stage's factors. Channel and position
// (c, t', y', x') become channel ((c ft + t') fs + y') fs + x', and each output is the mean of as many in a row as
// there are. Where ft does not divide T, zero frames are put before x, and they count.
at::Tensor AverageDown(const at::Tensor& x, const VaeStage& stage);

// The way up, one position (t', y', x') within the enlarged ft x fs x fs cell at a time, so that the caller can add it
// to whatever it has for those positions. Immutable once built.
class RepeatUp {
 public:
  RepeatUp(const VaeStage& stage, c10::Device device);

  // x [1, in, T, h, w] -> [1, out, T, h, w], which may be x itself: out channel co comes from channel
  // (((co ft + t') fs + y') fs + x') / (out ft fs^2 / in).
  at::Tensor Position(const at::Tensor& x, int64_t t, int64_t row, int64_t column) const;

 private:
  int64_t space_factor_;
  std::vector<at::Tensor> sources_;  // per position [out] channel indices; undefined: every channel from itself
};

}  // namespace ovi
