// Both directions of the video VAE from one file.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/video_vae/video_vae_decoder.h"
#include "engine/video_vae/video_vae_encoder.h"

namespace ovi {

struct VideoVae {
  VideoVaeEncoder encoder;
  VideoVaeDecoder decoder;
};

// Upstream rounds the weights to bfloat16 and computes in float32: {.stored = at::kBFloat16, .compute = at::kFloat}.
// With .compute = at::kBFloat16 activations are kept in it; norms, SiLU and sums are taken in float32 all the same.
// Errors: InvalidArgument (a config that no network can have; not a tensor file), NotFound (no file),
// FailedPrecondition (every missing, unexpected or misshapen tensor).
absl::StatusOr<VideoVae> LoadVideoVae(const std::string& path, const VideoVaeConfig& config,
                                      const Placement& placement);

}  // namespace ovi
