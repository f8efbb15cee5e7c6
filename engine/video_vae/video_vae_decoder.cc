#include "engine/video_vae/video_vae_decoder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/kernels/vae_ops.h"

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

PendingSum DecoderStage::Forward(PendingSum x, StreamState& state) const {
  // The shortcut around the stage needs its input, which is let go otherwise.
  const at::Tensor input = upsample_ ? Settle(x) : at::Tensor();
  for (const ResidualBlock& block : blocks_) x = block.Forward(std::move(x), state);
  if (!upsample_) return x;
  return {.x = upsample_->Forward(std::move(x), input, state)};
}

VideoVaeDecoder::VideoVaeDecoder(const WeightScope& weights, const VideoVaeConfig& config)
    : z_dim_(config.z_dim),
      stride_(SpatialStride(config)),
      frame_stride_(TemporalStride(config)),
      on_cpu_(weights.placement().device.is_cpu()),
      plan_(DecoderStages(config)),
      scale_(config, weights.placement()),
      from_latent_(weights.Sub("conv2"), {config.z_dim, config.z_dim, 1, 1, 1}),
      conv_in_(weights.Sub("decoder").Sub("conv1"), config.z_dim, plan_.front().in, layout_),
      middle_(weights.Sub("decoder").Sub("middle"), plan_.front().in, layout_),
      stages_(BuildStages(weights.Sub("decoder").Sub("upsamples"), plan_, layout_)),
      head_norm_(weights.Sub("decoder").Sub("head").Sub(0), plan_.back().out),
      head_conv_(weights.Sub("decoder").Sub("head").Sub(2), plan_.back().out, kVaeImageChannels, layout_),
      fuses_rgb_(gpu::CanFuseChannels(from_latent_.weight(), plan_.back().out)) {}

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

// A GPU needs two latent frames to have work for all of it in the first stages' small pictures; the later stages take
// them apart again. For a CPU see the bench.
int64_t VideoVaeDecoder::GroupFrames(int64_t height, int64_t width) const {
  if (on_cpu_) return FramesForCache(plan_, height, width);
  constexpr int64_t kMostNumbers = int64_t{1} << 27;
  return std::max<int64_t>(2, kMostNumbers / WidestFrame(plan_, height, width));
}

// Two frames of the clip fill a GPU, and what a piece takes comes on top of what the layers remember, which is two
// frames each: 1.8 GB at 704x704.
int64_t VideoVaeDecoder::PieceFrames(size_t index, int64_t height, int64_t width) const {
  if (on_cpu_ || index == 0) return std::numeric_limits<int64_t>::max();
  int64_t doubled = 1;  // frames of the clip from one frame that this stage takes
  for (size_t i = index; i < plan_.size(); ++i) doubled *= plan_[i].time_factor;
  constexpr int64_t kMostNumbers = int64_t{1} << 27;
  const int64_t frames = std::max<int64_t>(2, kMostNumbers / (WidestFrame(plan_, height, width) / frame_stride_ + 1));
  return std::max<int64_t>(1, frames / doubled);
}

void VideoVaeDecoder::DecodeGroup(const at::Tensor& x, int64_t group, StreamState& state, Probe* probe,
                                  const PieceSink& sink) const {
  PendingSum y = middle_.Forward(conv_in_.Forward(x, state), state);
  if (probe == nullptr) {
    Finish(0, std::move(y), state, sink);
    state.EndChunk();
    return;
  }
  probe->Record(absl::StrFormat("chunk%d_middle", group), Settle(y));
  for (size_t i = 0; i < stages_.size(); ++i) {
    y = stages_[i].Forward(std::move(y), state);
    probe->Record(absl::StrFormat("chunk%d_up%d", group, i), Settle(y));
  }
  y = head_conv_.ForwardActivated(std::move(y), head_norm_, state);
  probe->Record(absl::StrFormat("chunk%d", group), Settle(y));
  sink(Settle(y));
  state.EndChunk();
}

void VideoVaeDecoder::Finish(size_t index, PendingSum x, StreamState& state, const PieceSink& sink) const {
  if (index == stages_.size()) {
    PendingSum piece = head_conv_.ForwardActivated(std::move(x), head_norm_, state);
    sink(Settle(piece));
    return;
  }
  const int64_t frames = x.x.size(2), side = int64_t{1} << index;
  const int64_t most = PieceFrames(index, x.x.size(3) / side, x.x.size(4) / side);
  if (frames <= most) {
    Finish(index + 1, stages_[index].Forward(std::move(x), state), state, sink);
    return;
  }
  const at::Tensor whole = Settle(x);
  x = {};
  for (int64_t first = 0; first < frames; first += most) {
    const at::Tensor piece = whole.narrow(2, first, std::min(most, frames - first));
    Finish(index + 1, stages_[index].Forward({.x = piece}, state), state, sink);
  }
}

}  // namespace ovi
