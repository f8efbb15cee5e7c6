#include "engine/video_vae/vae_stage.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

absl::Status Require(bool condition, const std::string& message) {
  return condition ? absl::OkStatus() : absl::InvalidArgumentError(message);
}

}  // namespace

std::vector<VaeStage> EncoderStages(const VideoVaeConfig& config) {
  std::vector<VaeStage> stages;
  int64_t in = config.dim;
  for (size_t i = 0; i < config.dim_mult.size(); ++i) {
    VaeStage stage{.in = in, .out = config.dim * config.dim_mult[i], .num_res_blocks = config.num_res_blocks};
    if (i < config.temporal_downsample.size()) {
      stage.space_factor = 2;
      stage.time_factor = config.temporal_downsample[i] ? 2 : 1;
    }
    in = stage.out;
    stages.push_back(stage);
  }
  return stages;
}

std::vector<VaeStage> DecoderStages(const VideoVaeConfig& config) {
  std::vector<VaeStage> stages;
  int64_t in = config.dec_dim * config.dim_mult.back();
  for (size_t i = 0; i < config.dim_mult.size(); ++i) {
    const size_t mirrored = config.dim_mult.size() - 1 - i;
    VaeStage stage{
        .in = in, .out = config.dec_dim * config.dim_mult[mirrored], .num_res_blocks = config.num_res_blocks + 1};
    if (i < config.temporal_downsample.size()) {
      stage.space_factor = 2;
      stage.time_factor = config.temporal_downsample[config.temporal_downsample.size() - 1 - i] ? 2 : 1;
    }
    in = stage.out;
    stages.push_back(stage);
  }
  return stages;
}

int64_t SpatialStride(const VideoVaeConfig& config) {
  return kVaePatch * (int64_t{1} << config.temporal_downsample.size());
}

int64_t TemporalStride(const VideoVaeConfig& config) {
  const auto doublings = std::count(config.temporal_downsample.begin(), config.temporal_downsample.end(), true);
  return int64_t{1} << doublings;
}

int64_t WidestFrame(const std::vector<VaeStage>& decoder, int64_t height, int64_t width) {
  int64_t frames = 1, side = 1, widest = 1;
  for (const VaeStage& stage : decoder) {
    widest = std::max(widest, std::max(stage.in, stage.out) * frames * side * side);
    frames *= stage.time_factor;
    side *= stage.space_factor;
    widest = std::max(widest, stage.out * frames * side * side);
  }
  return widest * height * width;
}

int64_t FramesForCache(const std::vector<VaeStage>& decoder, int64_t height, int64_t width) {
  constexpr int64_t kMostNumbers = 1 << 20;
  return std::max<int64_t>(1, kMostNumbers / WidestFrame(decoder, height, width));
}

absl::Status CheckVideoVaeConfig(const VideoVaeConfig& config) {
  OVI_RETURN_IF_ERROR(
      Require(config.dim >= 1 && config.dec_dim >= 1 && config.z_dim >= 1 && config.num_res_blocks >= 1,
              absl::StrFormat("video_vae: dim %d, dec_dim %d, z_dim %d and num_res_blocks %d; each must be at least 1",
                              config.dim, config.dec_dim, config.z_dim, config.num_res_blocks)));
  constexpr size_t kMostStages = 8;  // a stride of 512 pixels
  OVI_RETURN_IF_ERROR(Require(
      config.dim_mult.size() >= 2 && config.dim_mult.size() <= kMostStages &&
          config.temporal_downsample.size() + 1 == config.dim_mult.size(),
      absl::StrFormat("video_vae: dim_mult has %d entries and temporal_downsample %d; dim_mult needs 2 to %d, and "
                      "temporal_downsample one less than dim_mult",
                      config.dim_mult.size(), config.temporal_downsample.size(), kMostStages)));
  for (const int64_t mult : config.dim_mult) {
    OVI_RETURN_IF_ERROR(
        Require(mult >= 1, absl::StrFormat("video_vae.dim_mult: has an entry %d; each must be at least 1", mult)));
  }
  const auto z = static_cast<size_t>(config.z_dim);
  OVI_RETURN_IF_ERROR(
      Require(config.latent_mean.size() == z && config.latent_std.size() == z,
              absl::StrFormat("video_vae: latent_mean has %d numbers, latent_std %d; each needs z_dim (%d)",
                              config.latent_mean.size(), config.latent_std.size(), z)));
  for (const double deviation : config.latent_std) {
    OVI_RETURN_IF_ERROR(
        Require(std::isfinite(deviation) && deviation > 0,
                absl::StrFormat("video_vae.latent_std: has an entry %g; each must be positive", deviation)));
  }
  // The parameterless shortcuts average, or repeat, whole groups of channels.
  for (const VaeStage& stage : EncoderStages(config)) {
    OVI_RETURN_IF_ERROR(Require(
        stage.in * stage.positions() % stage.out == 0,
        absl::StrFormat("video_vae.dim_mult: an encoder stage takes %d channels, %d with the folded positions, to "
                        "%d; the last must divide the second",
                        stage.in, stage.in * stage.positions(), stage.out)));
  }
  for (const VaeStage& stage : DecoderStages(config)) {
    if (stage.space_factor == 1) continue;
    OVI_RETURN_IF_ERROR(
        Require(stage.out * stage.positions() % stage.in == 0,
                absl::StrFormat("video_vae.dim_mult: a decoder stage takes %d channels to %d, %d with the unfolded "
                                "positions; the first must divide the last",
                                stage.in, stage.out, stage.out * stage.positions())));
  }
  return absl::OkStatus();
}

}  // namespace ovi
