#include "engine/checkpoint/bundle.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "engine/checkpoint/config_check.h"
#include "engine/checkpoint/manifest.h"

namespace ovi {
namespace {

namespace fs = std::filesystem;

constexpr char kManifest[] = "ovi-bundle.json";

// Without exceptions: a folder that may not be searched counts as one that lacks the file.
bool Exists(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

CheckpointConfig UpstreamCheckpoint(const fs::path& folder, const char* name, const char* file) {
  CheckpointConfig config;
  config.name = name;
  config.fusion_file = (folder / "Ovi" / file).string();
  return config;
}

CheckpointConfig LargeCheckpoint(CheckpointConfig config) {
  config.video_area = 921600;
  config.audio_tags = AudioTags::kAudioPrefix;
  return config;
}

std::vector<CheckpointConfig> UpstreamCheckpoints(const fs::path& folder) {
  CheckpointConfig ten_seconds =
      LargeCheckpoint(UpstreamCheckpoint(folder, "960x960_10s", "model_960x960_10s.safetensors"));
  ten_seconds.video_latent_frames = 61;
  ten_seconds.audio_latent_length = 314;
  return {UpstreamCheckpoint(folder, "720x720_5s", "model.safetensors"),
          LargeCheckpoint(UpstreamCheckpoint(folder, "960x960_5s", "model_960x960.safetensors")), ten_seconds,
          UpstreamCheckpoint(folder, "720x720_5s_fp8", "model_fp8_e4m3fn.safetensors")};
}

// The folder that upstream's download script makes (ovi-model.md sections 1 and 15), without its checkpoints.
BundleConfig UpstreamBundle(const fs::path& folder) {
  BundleConfig bundle;
  bundle.name = "ovi";
  const fs::path wan = folder / "Wan2.2-TI2V-5B", audio = folder / "MMAudio" / "ext_weights";
  bundle.text_encoder_file = (wan / "models_t5_umt5-xxl-enc-bf16.pth").string();
  bundle.tokenizer_file = (wan / "google" / "umt5-xxl").string();
  bundle.video_vae_file = (wan / "Wan2.2_VAE.pth").string();
  bundle.audio_vae_file = (audio / "v1-16.pth").string();
  bundle.vocoder_file = (audio / "best_netG.pt").string();
  FillPublishedStatistics(bundle);
  return bundle;
}

void Replace(const ComponentFiles& replacements, BundleConfig& bundle) {
  const auto replace = [](const std::string& with, std::string& file) {
    if (!with.empty()) file = with;
  };
  replace(replacements.text_encoder, bundle.text_encoder_file);
  replace(replacements.tokenizer, bundle.tokenizer_file);
  replace(replacements.video_vae, bundle.video_vae_file);
  replace(replacements.audio_vae, bundle.audio_vae_file);
  replace(replacements.vocoder, bundle.vocoder_file);
  for (CheckpointConfig& checkpoint : bundle.checkpoints) replace(replacements.fusion, checkpoint.fusion_file);
}

absl::Status CheckFilesExist(const std::string& folder, const BundleConfig& bundle) {
  std::vector<std::string> missing;
  for (const std::string& file : {bundle.text_encoder_file, bundle.tokenizer_file, bundle.video_vae_file,
                                  bundle.audio_vae_file, bundle.vocoder_file}) {
    if (!Exists(file)) missing.push_back(file);
  }
  for (const CheckpointConfig& checkpoint : bundle.checkpoints) {
    if (!Exists(checkpoint.fusion_file)) missing.push_back(checkpoint.fusion_file);
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrFormat("bundle %s: %d of its files %s missing (%s); complete the download or name them by flag", folder,
                      missing.size(), missing.size() == 1 ? "is" : "are", absl::StrJoin(missing, ", ")));
}

absl::StatusOr<BundleConfig> Read(const std::string& folder, const ComponentFiles& replacements) {
  const fs::path manifest = fs::path(folder) / kManifest;
  if (Exists(manifest)) {
    std::ifstream in(manifest, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (in.bad()) return absl::PermissionDeniedError(absl::StrFormat("%s: cannot be read", manifest.string()));
    absl::StatusOr<BundleConfig> bundle = ParseManifest(text, folder);
    if (bundle.ok()) return bundle;
    return absl::Status(bundle.status().code(),
                        absl::StrFormat("%s: %s", manifest.string(), std::string(bundle.status().message())));
  }
  BundleConfig bundle = UpstreamBundle(folder);
  for (CheckpointConfig& checkpoint : UpstreamCheckpoints(folder)) {
    if (Exists(checkpoint.fusion_file)) bundle.checkpoints.push_back(std::move(checkpoint));
  }
  if (bundle.checkpoints.empty() && !replacements.fusion.empty()) {
    bundle.checkpoints.push_back(UpstreamCheckpoint(folder, "720x720_5s", "model.safetensors"));
  }
  if (bundle.checkpoints.empty()) {
    return absl::NotFoundError(absl::StrFormat(
        "%s: holds neither %s nor a checkpoint of upstream's layout (Ovi/model*.safetensors)", folder, kManifest));
  }
  return bundle;
}

}  // namespace

absl::StatusOr<BundleConfig> OpenBundle(const std::string& folder, const ComponentFiles& replacements) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return absl::NotFoundError(absl::StrFormat("bundle %s: is not a folder", folder));
  OVI_ASSIGN_OR_RETURN(BundleConfig bundle, Read(folder, replacements));
  Replace(replacements, bundle);
  OVI_RETURN_IF_ERROR(CheckFilesExist(folder, bundle));
  return bundle;
}

absl::StatusOr<BundleConfig> PublishedBundle(const std::string& folder, const std::string& checkpoint) {
  BundleConfig bundle = UpstreamBundle(folder);
  std::vector<std::string> names;
  for (CheckpointConfig& published : UpstreamCheckpoints(folder)) {
    names.push_back(published.name);
    if (published.name == checkpoint) bundle.checkpoints.push_back(std::move(published));
  }
  if (!bundle.checkpoints.empty()) return bundle;
  return absl::NotFoundError(
      absl::StrFormat("checkpoint \"%s\" was never published; there are %s", checkpoint, absl::StrJoin(names, ", ")));
}

absl::StatusOr<CheckpointConfig> FindCheckpoint(const BundleConfig& bundle, const std::string& name) {
  std::vector<std::string> names;
  for (const CheckpointConfig& checkpoint : bundle.checkpoints) {
    if (name.empty() || checkpoint.name == name) return checkpoint;
    names.push_back(checkpoint.name);
  }
  return absl::NotFoundError(
      absl::StrFormat("checkpoint \"%s\" is not in this bundle; it has %s", name, absl::StrJoin(names, ", ")));
}

}  // namespace ovi
