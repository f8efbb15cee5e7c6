// Latent -> frames: the decoder of the Wan2.2 VAE, causal in time and fed a few latent frames at a time (upstream:
// modules/vae2_2.py).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/probe.h"
#include "engine/video_vae/causal_conv.h"
#include "engine/video_vae/frames_in_flight.h"
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

  // x [1, in, T, h, w] -> [1, out, T', h', w']; nothing is pending behind a step up.
  PendingSum Forward(PendingSum x, StreamState& state) const;

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
  // fewer calls and more memory. 0: as many as are worth it for this picture size. On a GPU a group is taken further in
  // pieces of a few frames, once its pictures are large. The stream refers to this decoder.
  // InvalidArgument: the shape.
  absl::StatusOr<VideoDecodeStream> Start(const at::Tensor& latent, int64_t group_frames = 0) const;

  // The first picture of a clip from its first latent frame [1, z, 1, h, w] -> [3, H, W] float32 within [-1, 1]. For
  // previews: a latent of the running diffusion has its first picture here at the cost of a quarter of a group.
  absl::StatusOr<at::Tensor> DecodeFirstFrame(const at::Tensor& latent) const;

  int64_t stride() const { return stride_; }              // pixels per latent pixel
  int64_t frame_stride() const { return frame_stride_; }  // frames per latent frame after the first

 private:
  friend class VideoDecodeStream;
  // Takes one piece of a group's frames [1, 12, n, 8h, 8w], before the clamp.
  using PieceSink = std::function<void(const at::Tensor& piece)>;

  int64_t GroupFrames(int64_t height, int64_t width) const;
  // The most frames that stage `index` takes at once.
  int64_t PieceFrames(size_t index, int64_t height, int64_t width) const;
  // x [1, z, T, h, w] behind conv2. With a probe the group is one piece.
  void DecodeGroup(const at::Tensor& x, int64_t group, StreamState& state, Probe* probe, const PieceSink& sink) const;
  // x, what stage `index` takes, through it and all that follows.
  void Finish(size_t index, PendingSum x, StreamState& state, const PieceSink& sink) const;

  int64_t z_dim_, stride_, frame_stride_;
  bool on_cpu_;
  std::vector<VaeStage> plan_;
  HistoryLayout layout_;  // filled while the layers below are built, so it comes before them
  LatentScale scale_;
  Conv from_latent_;
  CausalConv conv_in_;
  MiddleBlock middle_;
  std::vector<DecoderStage> stages_;
  ChannelRmsNorm head_norm_;
  CausalConv head_conv_;
  bool fuses_rgb_;  // whether a kernel makes pixels of what the head makes
};

// One clip on its way out. Holds the latent and what the causal layers remember, never more frames than one group:
// destroying it, at any point, frees them. Not thread-safe.
class VideoDecodeStream {
 public:
  // The next frames [3, n, H, W], float32 within [-1, 1], contiguous, on the decoder's device; n is 1 for the first
  // group and frame_stride() per latent frame for the others. Nothing when the clip is over.
  // `probe` is offered chunk<i> [1, 12, n, H/2, W/2] before the clamp, chunk<i>_middle and chunk<i>_up<stage>.
  std::optional<at::Tensor> Next(Probe* probe = nullptr);

  // The same frames as they are shown, uint8 [n, H, W, 3] on the CPU (ToRgbFrames). On a GPU the following group is
  // queued before this one is waited for, so that the caller's work on the frames and the device's go side by side.
  // Use one of the two for all of a clip.
  std::optional<at::Tensor> NextRgb();

  int64_t frames() const;  // of the whole clip
  int64_t frames_left() const { return frames() - frames_returned_; }

 private:
  friend class VideoVaeDecoder;
  VideoDecodeStream(const VideoVaeDecoder& decoder, at::Tensor latent, int64_t group_frames);

  // Decodes the next group, which there is, into `sink`, and returns the number of its frames.
  int64_t Decode(Probe* probe, const VideoVaeDecoder::PieceSink& sink);
  FramesInFlight QueueRgb();
  bool over() const { return next_ == latent_.size(2); }

  const VideoVaeDecoder* decoder_;
  at::Tensor latent_;  // [1, z, F, h, w] behind conv2
  int64_t group_frames_;
  int64_t next_ = 0, index_ = 0;  // latent frame, group
  int64_t frames_returned_ = 0;
  StreamState state_;
  std::optional<FramesInFlight> in_flight_;
};

}  // namespace ovi
