#include "engine/video_vae/video_vae_encoder.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/video_vae/channel_shortcut.h"
#include "engine/video_vae/patches.h"

namespace ovi {
namespace {

std::vector<EncoderStage> BuildStages(const WeightScope& weights, const VideoVaeConfig& config, HistoryLayout& layout) {
  std::vector<EncoderStage> stages;
  for (const VaeStage& stage : EncoderStages(config)) {
    stages.emplace_back(weights.Sub(static_cast<int64_t>(stages.size())).Sub("downsamples"), stage, layout);
  }
  return stages;
}

// The file's convolution makes the mean and the log variance; nothing here is sampled, so the mean's half will do.
Conv MeanHalf(const WeightScope& weights, int64_t z_dim) {
  const Conv both(weights, {2 * z_dim, 2 * z_dim, 1, 1, 1});
  return Conv(both.weight().narrow(0, 0, z_dim), both.bias().narrow(0, 0, z_dim));
}

}  // namespace

EncoderStage::EncoderStage(const WeightScope& weights, const VaeStage& stage, HistoryLayout& layout) : stage_(stage) {
  int64_t channels = stage.in;
  for (int64_t i = 0; i < stage.num_res_blocks; ++i) {
    blocks_.emplace_back(weights.Sub(i), channels, stage.out, layout);
    channels = stage.out;
  }
  if (stage.space_factor > 1) downsample_.emplace(weights.Sub(stage.num_res_blocks), stage, layout);
}

at::Tensor EncoderStage::Forward(const at::Tensor& x, StreamState& state) const {
  PendingSum y{.x = x};
  for (const ResidualBlock& block : blocks_) y = block.Forward(std::move(y), state);
  const at::Tensor out = downsample_ ? downsample_->Forward(Settle(y), state) : Settle(y);
  return out.add_(AverageDown(x, stage_));
}

VideoVaeEncoder::VideoVaeEncoder(const WeightScope& weights, const VideoVaeConfig& config)
    : z_dim_(config.z_dim),
      stride_(SpatialStride(config)),
      frame_stride_(TemporalStride(config)),
      device_(weights.placement().device),
      compute_(weights.placement().compute),
      conv_in_(weights.Sub("encoder").Sub("conv1"), kVaeImageChannels, config.dim, layout_),
      stages_(BuildStages(weights.Sub("encoder").Sub("downsamples"), config, layout_)),
      middle_(weights.Sub("encoder").Sub("middle"), EncoderStages(config).back().out, layout_),
      head_norm_(weights.Sub("encoder").Sub("head").Sub(0), EncoderStages(config).back().out),
      head_conv_(weights.Sub("encoder").Sub("head").Sub(2), EncoderStages(config).back().out, 2 * config.z_dim,
                 layout_),
      to_mean_(MeanHalf(weights.Sub("conv1"), config.z_dim)),
      scale_(config, weights.placement()) {}

absl::Status VideoVaeEncoder::Check(const at::Tensor& frames) const {
  const bool is_clip = frames.dim() == 5 && frames.size(0) == 1 && frames.size(1) == 3;
  if (is_clip && frames.size(2) % frame_stride_ == 1 % frame_stride_ && frames.size(2) > 0 && frames.size(3) > 0 &&
      frames.size(4) > 0 && frames.size(3) % stride_ == 0 && frames.size(4) % stride_ == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "frames to encode have shape %s; it must be [1, 3, T, H, W] with T one more than a multiple of %d, and H and W "
      "multiples of %d",
      c10::str(frames.sizes()), frame_stride_, stride_));
}

absl::StatusOr<at::Tensor> VideoVaeEncoder::Encode(const at::Tensor& frames, Probe* probe) const {
  OVI_RETURN_IF_ERROR(Check(frames));
  const int64_t count = frames.size(2);
  const int64_t latent_frames = 1 + (count - 1) / frame_stride_;
  const at::Tensor latent = at::empty({1, z_dim_, latent_frames, frames.size(3) / stride_, frames.size(4) / stride_},
                                      at::TensorOptions(device_).dtype(at::kFloat));
  // Four at a time, as upstream goes, or what makes one latent frame.
  const int64_t chunk = std::max<int64_t>(4, frame_stride_);
  StreamState state(layout_);
  int64_t done = 0, latent_done = 0;
  for (int64_t index = 0; done < count; ++index) {
    const int64_t next = index == 0 ? 1 : std::min(chunk, count - done);
    const at::Tensor mean = EncodeChunk(frames.narrow(2, done, next).to(device_, compute_), index, state, probe);
    latent.narrow(2, latent_done, mean.size(2)).copy_(scale_.Normalize(mean));
    done += next;
    latent_done += mean.size(2);
  }
  return latent;
}

at::Tensor VideoVaeEncoder::EncodeChunk(const at::Tensor& frames, int64_t index, StreamState& state,
                                        Probe* probe) const {
  PendingSum first = conv_in_.Forward(Patchify(frames), state);
  at::Tensor x = Settle(first);
  for (size_t i = 0; i < stages_.size(); ++i) {
    x = stages_[i].Forward(x, state);
    if (probe != nullptr) probe->Record(absl::StrFormat("chunk%d_down%d", index, i), x);
  }
  PendingSum last = head_conv_.ForwardActivated(middle_.Forward({.x = x}, state), head_norm_, state);
  x = Settle(last);
  if (probe != nullptr) probe->Record(absl::StrFormat("chunk%d", index), x);
  state.EndChunk();
  return to_mean_.Forward(x);
}

}  // namespace ovi
