// The numbers that shape the networks, as a bundle's manifest gives them. Defaults are the published values
// (docs of upstream: configs of character-ai/Ovi); a manifest names only what differs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/clip.h"

namespace ovi {

struct TowerConfig {
  std::vector<int64_t> patch_size = {1, 2, 2};  // video {t, h, w}; audio {1}
  int64_t dim = 3072, ffn_dim = 14336, freq_dim = 256, num_heads = 24, num_layers = 30;
  int64_t in_dim = 48, out_dim = 48, text_dim = 4096, text_len = 512;
  double eps = 1e-6;
  double temporal_rope_scaling_factor = 1.0;  // audio: 0.19676

  bool IsVideo() const { return patch_size.size() == 3; }
  int64_t head_dim() const { return dim / num_heads; }
};

TowerConfig PublishedVideoTower();
TowerConfig PublishedAudioTower();

// Per-channel statistics of the published VAEs: 48 latent channels, 80 mel bins.
std::vector<double> PublishedLatentMean();
std::vector<double> PublishedLatentStd();
std::vector<double> PublishedMelMean();
std::vector<double> PublishedMelStd();

struct FusionConfig {
  TowerConfig video = PublishedVideoTower();
  TowerConfig audio = PublishedAudioTower();
};

struct TextEncoderConfig {
  int64_t vocab_size = 256384, dim = 4096, dim_attn = 4096, dim_ffn = 10240, num_heads = 64, num_layers = 24;
  int64_t num_buckets = 32;
};

struct VideoVaeConfig {
  int64_t dim = 160, dec_dim = 256, z_dim = 48;
  std::vector<int64_t> dim_mult = {1, 2, 4, 4};
  int64_t num_res_blocks = 2;  // the decoder has one more
  std::vector<bool> temporal_downsample = {false, true, true};
  std::vector<double> latent_mean, latent_std;  // z_dim numbers each; the published ones when z_dim is 48
};

struct AudioVaeConfig {
  int64_t data_dim = 80, embed_dim = 20, hidden_dim = 384;
  std::vector<double> mel_mean, mel_std;  // data_dim numbers; the checkpoint's own buffers win over these
};

struct VocoderConfig {
  int64_t num_mels = 80, upsample_initial_channel = 1536;
  std::vector<int64_t> upsample_rates = {4, 4, 2, 2, 2, 2};
  std::vector<int64_t> upsample_kernel_sizes = {8, 8, 4, 4, 4, 4};
  std::vector<int64_t> resblock_kernel_sizes = {3, 7, 11};
  std::vector<std::vector<int64_t>> resblock_dilation_sizes = {{1, 3, 5}, {1, 3, 5}, {1, 3, 5}};
  bool snake_logscale = true;
};

// How a checkpoint wants the sound part of a prompt tagged (bundle-format: audio_tags).
enum class AudioTags { kAudCap, kAudioPrefix };

struct CheckpointConfig {
  std::string name;
  std::string fusion_file;  // absolute
  int64_t video_latent_frames = 31, audio_latent_length = 157;
  int64_t video_area = 518400, size_multiple = 32;
  AudioTags audio_tags = AudioTags::kAudCap;
  double frames_per_second = 24;
  int64_t sample_rate = 16000;

  int64_t frames() const { return 4 * (video_latent_frames - 1) + 1; }
};

struct SamplingDefaults {
  int64_t steps = 50;
  Solver solver = Solver::kUniPc;
  double shift = 5.0, video_guidance_scale = 4.0, audio_guidance_scale = 3.0;
  int64_t slg_layer = 11, height = 720, width = 720;
  std::string video_negative_prompt = "jitter, bad hands, blur, distortion";
  std::string audio_negative_prompt = "robotic, muffled, echo, distorted";
};

// A bundle: every file by absolute path, every number.
struct BundleConfig {
  std::string name;
  std::vector<CheckpointConfig> checkpoints;  // at least one
  std::string text_encoder_file, tokenizer_file, video_vae_file, audio_vae_file, vocoder_file;
  FusionConfig fusion;
  TextEncoderConfig text_encoder;
  VideoVaeConfig video_vae;
  AudioVaeConfig audio_vae;
  VocoderConfig vocoder;
  SamplingDefaults defaults;
};

}  // namespace ovi
