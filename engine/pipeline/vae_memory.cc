#include "engine/pipeline/vae_memory.h"

#include <algorithm>
#include <vector>

namespace ovi {

// Adds layer by layer, in numbers of values.
struct VaeMemory::Walk {
  double kept = 0, widest = 0;
  double frames, area;  // of the tensors at this place of the network
  double norm_copies;

  double Values(int64_t channels) const { return static_cast<double>(channels) * frames * area; }
  void Alive(double values) { widest = std::max(widest, values); }

  // A causal convolution with the norm and the activation before it; `around`: what else is alive.
  void CausalConv(int64_t in, int64_t out, double around) {
    constexpr double kLookBack = 2;
    const double window = static_cast<double>(in) * (frames + kLookBack) * area;
    kept += static_cast<double>(in) * kLookBack * area;
    Alive(around + (1 + norm_copies) * Values(in) + window);
    Alive(around + window + Values(out));
  }

  // x is alive to the end, when it, or a 1x1 convolution of it, is added.
  void ResidualBlock(int64_t in, int64_t out, double around) {
    CausalConv(in, out, around);
    CausalConv(out, out, around + Values(in));
    if (in != out) Alive(around + Values(in) + 2 * Values(out));
  }

  // One head as wide as the channels, a frame by itself: q, k, v, the scores of all positions and their softmax.
  void Attention(int64_t channels) { Alive(5 * Values(channels) + 2 * frames * area * area); }

  void Middle(int64_t channels) {
    ResidualBlock(channels, channels, 0);
    Attention(channels);
    ResidualBlock(channels, channels, 0);
  }
};

int64_t VaeMemory::GroupFrames() const {
  const int64_t stride = SpatialStride(config_);
  return FramesForCache(DecoderStages(config_), height_ / stride, width_ / stride);
}

double VaeMemory::DecodeChunkBytes(int64_t latent_frames, bool is_first) const {
  const auto stride = static_cast<double>(SpatialStride(config_));
  const std::vector<VaeStage> stages = DecoderStages(config_);
  Walk walk{.frames = static_cast<double>(latent_frames),
            .area = static_cast<double>(height_) / stride * static_cast<double>(width_) / stride,
            .norm_copies = coefficients_.vae_norm_copies};
  walk.CausalConv(config_.z_dim, stages.front().in, 0);
  walk.Middle(stages.front().in);
  for (const VaeStage& stage : stages) {
    const double input = walk.Values(stage.in);  // held for the shortcut around the stage
    for (int64_t block = 0; block < stage.num_res_blocks; ++block) {
      const bool first = block == 0;
      walk.ResidualBlock(first ? stage.in : stage.out, stage.out, first ? 0 : input);
    }
    if (stage.space_factor == 1) continue;
    // x, its window, one of its moments, and that four times wide, all beside the result.
    const double x = walk.Values(stage.out);
    const bool doubles = stage.time_factor > 1 && !is_first;
    if (stage.time_factor > 1) walk.kept += 2 * static_cast<double>(stage.out) * walk.area;
    const double window = doubles ? x + 2 * static_cast<double>(stage.out) * walk.area : 0;
    if (doubles) walk.frames *= static_cast<double>(stage.time_factor);
    walk.area *= static_cast<double>(stage.space_factor * stage.space_factor);
    walk.Alive(input + 2 * x + window + 4 * coefficients_.vae_upsample_copies * x + walk.Values(stage.out));
  }
  walk.CausalConv(stages.back().out, kVaeImageChannels, 0);
  walk.Alive(4 * walk.Values(kVaeImageChannels));
  return (walk.kept + walk.widest) * static_cast<double>(value_bytes_);
}

double VaeMemory::EncodeFirstFrameBytes() const {
  Walk walk{.frames = 1,
            .area = static_cast<double>(height_ * width_) / (kVaePatch * kVaePatch),
            .norm_copies = coefficients_.vae_norm_copies};
  walk.CausalConv(kVaeImageChannels, config_.dim, walk.Values(kVaeImageChannels));
  for (const VaeStage& stage : EncoderStages(config_)) {
    const double input = walk.Values(stage.in);
    for (int64_t block = 0; block < stage.num_res_blocks; ++block) {
      const bool first = block == 0;
      walk.ResidualBlock(first ? stage.in : stage.out, stage.out, first ? 0 : input);
    }
    if (stage.space_factor == 1) continue;
    walk.Alive(input + 2 * walk.Values(stage.out));  // padded
    walk.area /= static_cast<double>(stage.space_factor * stage.space_factor);
    if (stage.time_factor > 1) walk.kept += static_cast<double>(stage.out) * walk.area;
  }
  walk.Middle(EncoderStages(config_).back().out);
  return (walk.kept + walk.widest) * static_cast<double>(value_bytes_);
}

}  // namespace ovi
