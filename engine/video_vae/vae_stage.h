// The stages of the Wan2.2 VAE and what its numbers imply: one place that both directions read (upstream:
// modules/vae2_2.py). A stage is a run of residual blocks at one resolution and the change of resolution behind it.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "engine/checkpoint/config.h"

namespace ovi {

inline constexpr int64_t kVaePatch = 2;           // pixels are folded 2x2 into channels before the encoder
inline constexpr int64_t kVaeImageChannels = 12;  // 3 * kVaePatch^2

struct VaeStage {
  int64_t in = 0, out = 0;  // channels
  int64_t num_res_blocks = 0;
  int64_t time_factor = 1, space_factor = 1;  // by which the stage shrinks (encoder) or grows (decoder) its input

  int64_t positions() const { return time_factor * space_factor * space_factor; }
};

// In the order of running. The encoder's last stage, and the decoder's, leave the resolution alone.
std::vector<VaeStage> EncoderStages(const VideoVaeConfig& config);
std::vector<VaeStage> DecoderStages(const VideoVaeConfig& config);

// Pixels per latent pixel along one side, and frames per latent frame after the first.
int64_t SpatialStride(const VideoVaeConfig& config);
int64_t TemporalStride(const VideoVaeConfig& config);

// Numbers in the widest tensor between the decoder's stages for each frame of a latent [height, width].
int64_t WidestFrame(const std::vector<VaeStage>& decoder, int64_t height, int64_t width);

// Latent frames that are worth decoding at once on a CPU: as many as leave that tensor in the last-level cache, where
// calls cost more than arithmetic; at real sizes one.
int64_t FramesForCache(const std::vector<VaeStage>& decoder, int64_t height, int64_t width);

// InvalidArgument, with the number and what it must be, for a config that no such network can have.
absl::Status CheckVideoVaeConfig(const VideoVaeConfig& config);

}  // namespace ovi
