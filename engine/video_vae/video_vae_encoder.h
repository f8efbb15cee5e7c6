// Frames -> latent: the encoder of the Wan2.2 VAE, causal in time (upstream: modules/vae2_2.py).
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/probe.h"
#include "engine/video_vae/causal_conv.h"
#include "engine/video_vae/downsample.h"
#include "engine/video_vae/latent_scale.h"
#include "engine/video_vae/middle_block.h"
#include "engine/video_vae/residual_block.h"
#include "engine/video_vae/vae_stage.h"

namespace ovi {

// One resolution of the encoder: residual blocks and the step down, around both the averaging shortcut.
class EncoderStage {
 public:
  EncoderStage(const WeightScope& weights, const VaeStage& stage, HistoryLayout& layout);

  // x [1, in, T, H, W] -> [1, out, T', H', W'].
  at::Tensor Forward(const at::Tensor& x, StreamState& state) const;

 private:
  VaeStage stage_;
  std::vector<ResidualBlock> blocks_;
  std::optional<Downsample> downsample_;
};

// Immutable once built; Encode may run on several threads.
class VideoVaeEncoder {
 public:
  // Takes "encoder.*" and the mean's half of "conv1". `config` has passed CheckVideoVaeConfig.
  VideoVaeEncoder(const WeightScope& weights, const VideoVaeConfig& config);

  // frames [1, 3, T, H, W] in [-1, 1], of any floating dtype and on any device -> the posterior's mean, normalised,
  // [1, z, 1 + (T - 1) / temporal stride, H / stride, W / stride] float32 on the network's device. One frame goes in
  // first, then a few at a time: memory does not grow with T but for the result.
  // `probe` is offered chunk<i> [1, 2 z, t, h, w] and chunk<i>_down<stage>.
  // InvalidArgument: a T that is not one frame more than a multiple of the temporal stride, an H or W that is not a
  // multiple of the stride.
  absl::StatusOr<at::Tensor> Encode(const at::Tensor& frames, Probe* probe = nullptr) const;

 private:
  absl::Status Check(const at::Tensor& frames) const;
  at::Tensor EncodeChunk(const at::Tensor& frames, int64_t index, StreamState& state, Probe* probe) const;

  int64_t z_dim_, stride_, frame_stride_;
  c10::Device device_;
  at::ScalarType compute_;
  HistoryLayout layout_;  // filled while the layers below are built, so it comes before them
  CausalConv conv_in_;
  std::vector<EncoderStage> stages_;
  MiddleBlock middle_;
  ChannelRmsNorm head_norm_;
  CausalConv head_conv_;
  Conv to_mean_;
  LatentScale scale_;
};

}  // namespace ovi
