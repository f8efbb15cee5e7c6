// Latent -> frames: the decoder of the Wan2.2 VAE, causal in time and fed a few latent frames at a time (upstream:
// modules/vae2_2.py).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/probe.h"
#include "engine/video_vae/causal_conv.h"
#include "engine/video_vae/latent_scale.h"
#include "engine/video_vae/middle_block.h"
#include "engine/video_vae/residual_block.h"
#include "engine/video_vae/upsample.h"
#include "engine/video_vae/vae_stage.h"

namespace ovi {

class VideoDecodeStream;

// One resolution of the decoder: residual blocks and the step up, if there is one, with its shortcut.
class DecoderStage {
 public:
  DecoderStage(const WeightScope& weights, const VaeStage& stage, HistoryLayout& layout);

  // x [1, in, T, h, w] -> [1, out, T', h', w'].
  at::Tensor Forward(const at::Tensor& x, StreamState& state) const;

 private:
  std::vector<ResidualBlock> blocks_;
  std::optional<Upsample> upsample_;
};

// Immutable once built; several streams may run on as many threads.
class VideoVaeDecoder {
 public:
  // Takes "decoder.*" and "conv2". `config` has passed CheckVideoVaeConfig.
  VideoVaeDecoder(const WeightScope& weights, const VideoVaeConfig& config);

  // Begins a clip: `latent` [1, z, F, h, w], normalised, of any floating dtype and on any device. After the first, a
  // group is `group_frames` latent frames: the numbers are the same for every size but for rounding, larger groups are
  // fewer calls and more memory. 0: as many as are worth it for this picture size. The stream refers to this decoder.
  // InvalidArgument: the shape.
  absl::StatusOr<VideoDecodeStream> Start(const at::Tensor& latent, int64_t group_frames = 0) const;

  // The first picture of a clip from its first latent frame [1, z, 1, h, w] -> [3, H, W] float32 within [-1, 1]. For
  // previews: a latent of the running diffusion has its first picture here at the cost of a quarter of a group.
  absl::StatusOr<at::Tensor> DecodeFirstFrame(const at::Tensor& latent) const;

  int64_t stride() const { return stride_; }              // pixels per latent pixel
  int64_t frame_stride() const { return frame_stride_; }  // frames per latent frame after the first

 private:
  friend class VideoDecodeStream;
  int64_t GroupFrames(int64_t height, int64_t width) const;
  // x [1, z, T, h, w] behind conv2 -> [1, 12, T', 8h, 8w].
  at::Tensor DecodeGroup(const at::Tensor& x, int64_t index, StreamState& state, Probe* probe) const;

  int64_t z_dim_, stride_, frame_stride_;
  std::vector<VaeStage> plan_;
  HistoryLayout layout_;  // filled while the layers below are built, so it comes before them
  LatentScale scale_;
  Conv from_latent_;
  CausalConv conv_in_;
  MiddleBlock middle_;
  std::vector<DecoderStage> stages_;
  ChannelRmsNorm head_norm_;
  CausalConv head_conv_;
};

// One clip on its way out. Holds the latent and what the causal layers remember, never more frames than one group:
// destroying it, at any point, frees them. Not thread-safe.
class VideoDecodeStream {
 public:
  // The next frames [3, n, H, W], float32 within [-1, 1], contiguous, on the decoder's device; n is 1 for the first
  // group and frame_stride() per latent frame for the others. Nothing when the clip is over.
  // `probe` is offered chunk<i> [1, 12, n, H/2, W/2] before the clamp, chunk<i>_middle and chunk<i>_up<stage>.
  std::optional<at::Tensor> Next(Probe* probe = nullptr);

  int64_t frames() const;       // of the whole clip
  int64_t frames_left() const;  // still to come

 private:
  friend class VideoVaeDecoder;
  VideoDecodeStream(const VideoVaeDecoder& decoder, at::Tensor latent, int64_t group_frames);

  const VideoVaeDecoder* decoder_;
  at::Tensor latent_;  // [1, z, F, h, w] behind conv2
  int64_t group_frames_;
  int64_t next_ = 0, index_ = 0;  // latent frame, group
  StreamState state_;
};

}  // namespace ovi
