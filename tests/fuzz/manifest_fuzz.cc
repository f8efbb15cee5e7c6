// A bundle's manifest. What is accepted must be safe to compute shapes with.
#include "engine/checkpoint/manifest.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<ovi::BundleConfig> bundle = ovi::ParseManifest(text, "/bundle");
  if (!bundle.ok()) {
    ovi::Require(bundle.status().code() == absl::StatusCode::kInvalidArgument, "a bad manifest is an invalid argument");
    return 0;
  }
  ovi::Require(!bundle->checkpoints.empty(), "there is a checkpoint");
  for (const ovi::CheckpointConfig& checkpoint : bundle->checkpoints) {
    ovi::Require(!checkpoint.name.empty() && checkpoint.fusion_file.starts_with('/'), "a checkpoint has a file");
    ovi::Require(checkpoint.video_latent_frames > 0 && checkpoint.audio_latent_length > 0, "a clip has a length");
  }
  ovi::Require(bundle->fusion.video.head_dim() >= 6, "a head has room for rotary positions");
  ovi::Require(bundle->video_vae.latent_std.size() == static_cast<size_t>(bundle->video_vae.z_dim),
               "each channel has its statistics");
  return 0;
}
