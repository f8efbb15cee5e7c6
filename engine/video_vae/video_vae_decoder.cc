#include "engine/video_vae/video_vae_decoder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

std::vector<DecoderStage> BuildStages(const WeightScope& weights, const std::vector<VaeStage>& plan,
                                      HistoryLayout& layout) {
  std::vector<DecoderStage> stages;
  for (const VaeStage& stage : plan) {
    stages.emplace_back(weights.Sub(static_cast<int64_t>(stages.size())).Sub("upsamples"), stage, layout);
  }
  return stages;
}

}  // namespace

DecoderStage::DecoderStage(const WeightScope& weights, const VaeStage& stage, HistoryLayout& layout) {
  int64_t channels = stage.in;
  for (int64_t i = 0; i < stage.num_res_blocks; ++i) {
    blocks_.emplace_back(weights.Sub(i), channels, stage.out, layout);
    channels = stage.out;
  }
  if (stage.space_factor > 1) upsample_.emplace(weights.Sub(stage.num_res_blocks), stage, layout);
}

at::Tensor DecoderStage::Forward(const at::Tensor& x, StreamState& state) const {
  at::Tensor y = x;
  for (const ResidualBlock& block : blocks_) y = block.Forward(y, state);
  return upsample_ ? upsample_->Forward(y, x, state) : y;
}

VideoVaeDecoder::VideoVaeDecoder(const WeightScope& weights, const VideoVaeConfig& config)
    : z_dim_(config.z_dim),
      stride_(SpatialStride(config)),
      frame_stride_(TemporalStride(config)),
      plan_(DecoderStages(config)),
      scale_(config, weights.placement()),
      from_latent_(weights.Sub("conv2"), {config.z_dim, config.z_dim, 1, 1, 1}),
      conv_in_(weights.Sub("decoder").Sub("conv1"), config.z_dim, plan_.front().in, layout_),
      middle_(weights.Sub("decoder").Sub("middle"), plan_.front().in, layout_),
      stages_(BuildStages(weights.Sub("decoder").Sub("upsamples"), plan_, layout_)),
      head_norm_(weights.Sub("decoder").Sub("head").Sub(0), plan_.back().out),
      head_conv_(weights.Sub("decoder").Sub("head").Sub(2), plan_.back().out, kVaeImageChannels, layout_) {}

absl::StatusOr<VideoDecodeStream> VideoVaeDecoder::Start(const at::Tensor& latent, int64_t group_frames) const {
  if (latent.dim() != 5 || latent.size(0) != 1 || latent.size(1) != z_dim_ || latent.numel() == 0) {
    return absl::InvalidArgumentError(
        absl::StrFormat("the latent to decode has shape %s; it must be [1, %d, F, h, w] with nothing empty",
                        c10::str(latent.sizes()), z_dim_));
  }
  if (group_frames <= 0) group_frames = GroupFrames(latent.size(3), latent.size(4));
  return VideoDecodeStream(*this, from_latent_.Forward(scale_.Unnormalize(latent)), group_frames);
}

absl::StatusOr<at::Tensor> VideoVaeDecoder::DecodeFirstFrame(const at::Tensor& latent) const {
  OVI_ASSIGN_OR_RETURN(VideoDecodeStream stream, Start(latent, 1));
  return stream.Next()->squeeze(1);
}

// Several latent frames at once pay only as long as the calls cost more than the arithmetic, and as long as a stage's
// tensors stay in the last-level cache: see the bench. Real sizes come one by one.
int64_t VideoVaeDecoder::GroupFrames(int64_t height, int64_t width) const {
  constexpr int64_t kMostFloats = 1 << 20;  // in the widest tensor
  int64_t frames = 1, side = 1, widest = 1;
  for (const VaeStage& stage : plan_) {
    widest = std::max(widest, std::max(stage.in, stage.out) * frames * side * side);
    frames *= stage.time_factor;
    side *= stage.space_factor;
    widest = std::max(widest, stage.out * frames * side * side);
  }
  return std::max<int64_t>(1, kMostFloats / (widest * height * width));
}

at::Tensor VideoVaeDecoder::DecodeGroup(const at::Tensor& x, int64_t index, StreamState& state, Probe* probe) const {
  at::Tensor y = middle_.Forward(conv_in_.Forward(x, state), state);
  if (probe != nullptr) probe->Record(absl::StrFormat("chunk%d_middle", index), y);
  for (size_t i = 0; i < stages_.size(); ++i) {
    y = stages_[i].Forward(y, state);
    if (probe != nullptr) probe->Record(absl::StrFormat("chunk%d_up%d", index, i), y);
  }
  y = head_conv_.ForwardActivated(std::move(y), head_norm_, state);
  if (probe != nullptr) probe->Record(absl::StrFormat("chunk%d", index), y);
  state.EndChunk();
  return y;
}

}  // namespace ovi
