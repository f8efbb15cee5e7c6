#include "engine/checkpoint/manifest.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/config_check.h"
#include "engine/checkpoint/json_object.h"
#include "engine/checkpoint/strict_json.h"

namespace ovi {
namespace {

using nlohmann::json;

constexpr char kFormat[] = "ovi-bundle/1";
constexpr NumberRange kAnyNumber = {-1e6, 1e6};

std::string Absolute(const std::string& folder, const std::string& file) {
  return (std::filesystem::path(folder) / file).lexically_normal().string();
}

absl::StatusOr<CheckpointConfig> ParseCheckpoint(const json& value, const std::string& path,
                                                 const std::string& folder) {
  CheckpointConfig config;
  JsonObject object(value, path);
  std::string tags = "audcap";
  object.Read("name", config.name);
  object.Read("fusion", config.fusion_file);
  object.Read("video_latent_frames", config.video_latent_frames, {1, 1024});
  object.Read("audio_latent_length", config.audio_latent_length, {1, 1024});
  object.Read("video_area", config.video_area, {1024, int64_t{1} << 26});
  object.Read("size_multiple", config.size_multiple, {1, 1024});
  object.Read("audio_tags", tags);
  object.Read("frames_per_second", config.frames_per_second, {1, 240});
  object.Read("sample_rate", config.sample_rate, {8000, 192000});
  if (config.name.empty()) object.Fail("name", "is missing; a checkpoint needs a name");
  if (config.fusion_file.empty()) object.Fail("fusion", "is missing; name the file of the fusion model");
  if (tags != "audcap" && tags != "audio_prefix") {
    object.Fail("audio_tags", absl::StrFormat("is \"%s\"; it must be \"audcap\" or \"audio_prefix\"", tags));
  }
  config.audio_tags = tags == "audcap" ? AudioTags::kAudCap : AudioTags::kAudioPrefix;
  config.fusion_file = Absolute(folder, config.fusion_file);
  OVI_RETURN_IF_ERROR(object.Finish());
  return config;
}

absl::Status ParseCheckpoints(JsonObject& root, const std::string& folder, BundleConfig& bundle) {
  const json* const list = root.Member("checkpoints");
  if (list == nullptr || !list->is_array() || list->empty()) {
    root.Fail("checkpoints", "must be a list of at least one checkpoint");
    return root.Finish();
  }
  for (const json& item : *list) {
    const std::string path = absl::StrFormat("$.checkpoints[%d]", bundle.checkpoints.size());
    OVI_ASSIGN_OR_RETURN(CheckpointConfig checkpoint, ParseCheckpoint(item, path, folder));
    for (const CheckpointConfig& other : bundle.checkpoints) {
      if (other.name == checkpoint.name) {
        return absl::InvalidArgumentError(absl::StrFormat("%s.name: \"%s\" stands twice", path, checkpoint.name));
      }
    }
    bundle.checkpoints.push_back(std::move(checkpoint));
  }
  return absl::OkStatus();
}

absl::Status ParseFiles(JsonObject& root, const std::string& folder, BundleConfig& bundle) {
  const json* const value = root.Member("files");
  if (value == nullptr) {
    root.Fail("files", "is missing; name text_encoder, tokenizer, video_vae, audio_vae and vocoder");
    return root.Finish();
  }
  JsonObject files(*value, "$.files");
  for (const auto& [key, target] : {std::pair("text_encoder", &bundle.text_encoder_file),
                                    {"tokenizer", &bundle.tokenizer_file},
                                    {"video_vae", &bundle.video_vae_file},
                                    {"audio_vae", &bundle.audio_vae_file},
                                    {"vocoder", &bundle.vocoder_file}}) {
    files.Read(key, *target);
    if (target->empty()) files.Fail(key, "is missing; name the file");
    *target = Absolute(folder, *target);
  }
  return files.Finish();
}

absl::Status ParseTower(const json& value, const std::string& path, TowerConfig& tower) {
  JsonObject object(value, path);
  object.Read("patch_size", tower.patch_size, {1, 16});
  object.Read("dim", tower.dim, {2, 65536});
  object.Read("ffn_dim", tower.ffn_dim, {1, 262144});
  object.Read("freq_dim", tower.freq_dim, {2, 65536});
  object.Read("num_heads", tower.num_heads, {1, 1024});
  object.Read("num_layers", tower.num_layers, {1, 1024});
  object.Read("in_dim", tower.in_dim, {1, 4096});
  object.Read("out_dim", tower.out_dim, {1, 4096});
  object.Read("text_dim", tower.text_dim, {1, 65536});
  object.Read("text_len", tower.text_len, {1, 65536});
  object.Read("eps", tower.eps, {1e-12, 1});
  object.Read("temporal_rope_scaling_factor", tower.temporal_rope_scaling_factor, {1e-6, 1e3});
  return object.Finish();
}

absl::Status ParseFusion(const json& value, FusionConfig& fusion) {
  JsonObject object(value, "$.fusion");
  if (const json* const video = object.Member("video"))
    OVI_RETURN_IF_ERROR(ParseTower(*video, "$.fusion.video", fusion.video));
  if (const json* const audio = object.Member("audio"))
    OVI_RETURN_IF_ERROR(ParseTower(*audio, "$.fusion.audio", fusion.audio));
  return object.Finish();
}

absl::Status ParseTextEncoder(const json& value, TextEncoderConfig& config) {
  JsonObject object(value, "$.text_encoder");
  object.Read("vocab_size", config.vocab_size, {4, 1 << 24});
  object.Read("dim", config.dim, {1, 65536});
  object.Read("dim_attn", config.dim_attn, {1, 65536});
  object.Read("dim_ffn", config.dim_ffn, {1, 262144});
  object.Read("num_heads", config.num_heads, {1, 1024});
  object.Read("num_layers", config.num_layers, {1, 1024});
  object.Read("num_buckets", config.num_buckets, {4, 1024});
  return object.Finish();
}

absl::Status ParseVideoVae(const json& value, VideoVaeConfig& config) {
  JsonObject object(value, "$.video_vae");
  object.Read("dim", config.dim, {1, 8192});
  object.Read("dec_dim", config.dec_dim, {1, 8192});
  object.Read("z_dim", config.z_dim, {1, 4096});
  object.Read("dim_mult", config.dim_mult, {1, 64});
  object.Read("num_res_blocks", config.num_res_blocks, {1, 64});
  object.Read("temporal_downsample", config.temporal_downsample);
  object.Read("latent_mean", config.latent_mean, kAnyNumber);
  object.Read("latent_std", config.latent_std, {1e-6, 1e6});
  return object.Finish();
}

absl::Status ParseAudioVae(const json& value, AudioVaeConfig& config) {
  JsonObject object(value, "$.audio_vae");
  object.Read("data_dim", config.data_dim, {1, 4096});
  object.Read("embed_dim", config.embed_dim, {1, 4096});
  object.Read("hidden_dim", config.hidden_dim, {1, 16384});
  object.Read("mel_mean", config.mel_mean, kAnyNumber);
  object.Read("mel_std", config.mel_std, {1e-6, 1e6});
  return object.Finish();
}

absl::Status ParseVocoder(const json& value, VocoderConfig& config) {
  JsonObject object(value, "$.vocoder");
  object.Read("num_mels", config.num_mels, {1, 4096});
  object.Read("upsample_initial_channel", config.upsample_initial_channel, {1, 65536});
  object.Read("upsample_rates", config.upsample_rates, {1, 64});
  object.Read("upsample_kernel_sizes", config.upsample_kernel_sizes, {1, 256});
  object.Read("resblock_kernel_sizes", config.resblock_kernel_sizes, {1, 255});
  object.Read("resblock_dilation_sizes", config.resblock_dilation_sizes, {1, 255});
  object.Read("snake_logscale", config.snake_logscale);
  return object.Finish();
}

absl::Status ParseDefaults(const json& value, SamplingDefaults& defaults) {
  JsonObject object(value, "$.defaults");
  std::string solver = "unipc";
  object.Read("steps", defaults.steps, {1, 1000});
  object.Read("solver", solver);
  object.Read("shift", defaults.shift, {1e-3, 100});
  object.Read("video_guidance_scale", defaults.video_guidance_scale, {0, 100});
  object.Read("audio_guidance_scale", defaults.audio_guidance_scale, {0, 100});
  object.Read("slg_layer", defaults.slg_layer, {0, 1024});
  object.Read("height", defaults.height, {1, 8192});
  object.Read("width", defaults.width, {1, 8192});
  object.Read("video_negative_prompt", defaults.video_negative_prompt);
  object.Read("audio_negative_prompt", defaults.audio_negative_prompt);
  if (solver == "unipc") {
    defaults.solver = Solver::kUniPc;
  } else if (solver == "dpm++") {
    defaults.solver = Solver::kDpmPlusPlus;
  } else if (solver == "euler") {
    defaults.solver = Solver::kEuler;
  } else {
    object.Fail("solver", absl::StrFormat("is \"%s\"; it must be \"unipc\", \"dpm++\" or \"euler\"", solver));
  }
  return object.Finish();
}

}  // namespace

absl::StatusOr<BundleConfig> ParseManifest(const std::string& text, const std::string& folder) {
  OVI_ASSIGN_OR_RETURN(const json document, ParseStrictJson(text));
  BundleConfig bundle;
  JsonObject root(document, "$");
  std::string format;
  root.Read("format", format);
  if (format != kFormat) root.Fail("format", absl::StrFormat("is \"%s\"; it must be \"%s\"", format, kFormat));
  root.Read("name", bundle.name);
  OVI_RETURN_IF_ERROR(ParseCheckpoints(root, folder, bundle));
  OVI_RETURN_IF_ERROR(ParseFiles(root, folder, bundle));
  if (const json* const part = root.Member("fusion")) OVI_RETURN_IF_ERROR(ParseFusion(*part, bundle.fusion));
  if (const json* const part = root.Member("text_encoder"))
    OVI_RETURN_IF_ERROR(ParseTextEncoder(*part, bundle.text_encoder));
  if (const json* const part = root.Member("video_vae")) OVI_RETURN_IF_ERROR(ParseVideoVae(*part, bundle.video_vae));
  if (const json* const part = root.Member("audio_vae")) OVI_RETURN_IF_ERROR(ParseAudioVae(*part, bundle.audio_vae));
  if (const json* const part = root.Member("vocoder")) OVI_RETURN_IF_ERROR(ParseVocoder(*part, bundle.vocoder));
  if (const json* const part = root.Member("defaults")) OVI_RETURN_IF_ERROR(ParseDefaults(*part, bundle.defaults));
  OVI_RETURN_IF_ERROR(root.Finish());
  FillPublishedStatistics(bundle);
  OVI_RETURN_IF_ERROR(CheckConfig(bundle));
  return bundle;
}

}  // namespace ovi
