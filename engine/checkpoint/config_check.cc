#include "engine/checkpoint/config_check.h"

#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

absl::Status Require(bool fits, const std::string& what) {
  return fits ? absl::OkStatus() : absl::InvalidArgumentError(what);
}

absl::Status CheckTower(const char* name, const TowerConfig& tower, size_t patch_sides) {
  OVI_RETURN_IF_ERROR(Require(tower.patch_size.size() == patch_sides,
                              absl::StrFormat("$.fusion.%s.patch_size: has %d numbers; this tower needs %d", name,
                                              tower.patch_size.size(), patch_sides)));
  OVI_RETURN_IF_ERROR(Require(
      tower.dim % tower.num_heads == 0,
      absl::StrFormat("$.fusion.%s.num_heads: is %d; it must divide dim (%d)", name, tower.num_heads, tower.dim)));
  // Rotary pairs: a third of the pairs for each of frame, row and column, so at least one each.
  OVI_RETURN_IF_ERROR(
      Require(tower.head_dim() % 2 == 0 && tower.head_dim() >= 6,
              absl::StrFormat("$.fusion.%s.num_heads: gives heads of %d numbers; rotary positions need an even "
                              "number of at least 6",
                              name, tower.head_dim())));
  return Require(
      tower.freq_dim % 2 == 0,
      absl::StrFormat("$.fusion.%s.freq_dim: is %d; it must be even (cosines and sines)", name, tower.freq_dim));
}

absl::Status CheckFusion(const FusionConfig& fusion) {
  OVI_RETURN_IF_ERROR(CheckTower("video", fusion.video, 3));
  OVI_RETURN_IF_ERROR(CheckTower("audio", fusion.audio, 1));
  const TowerConfig& v = fusion.video;
  const TowerConfig& a = fusion.audio;
  OVI_RETURN_IF_ERROR(
      Require(v.dim == a.dim && v.num_heads == a.num_heads && v.num_layers == a.num_layers,
              absl::StrFormat(
                  "$.fusion: the towers attend to each other and must agree in dim, num_heads and num_layers; video "
                  "has %d, %d, %d, audio %d, %d, %d",
                  v.dim, v.num_heads, v.num_layers, a.dim, a.num_heads, a.num_layers)));
  OVI_RETURN_IF_ERROR(
      Require(v.patch_size[0] == 1,
              absl::StrFormat("$.fusion.video.patch_size: is %d in time; only 1 is known", v.patch_size[0])));
  OVI_RETURN_IF_ERROR(Require(a.patch_size[0] == 1,
                              absl::StrFormat("$.fusion.audio.patch_size: is %d; only 1 is known", a.patch_size[0])));
  return Require(v.in_dim == v.out_dim && a.in_dim == a.out_dim,
                 "$.fusion: in_dim and out_dim must agree in each tower: the velocity is shaped like the latent");
}

absl::Status CheckTextEncoder(const BundleConfig& bundle) {
  const TextEncoderConfig& text = bundle.text_encoder;
  OVI_RETURN_IF_ERROR(Require(
      text.dim_attn % text.num_heads == 0,
      absl::StrFormat("$.text_encoder.num_heads: is %d; it must divide dim_attn (%d)", text.num_heads, text.dim_attn)));
  OVI_RETURN_IF_ERROR(
      Require(text.num_buckets % 4 == 0,
              absl::StrFormat("$.text_encoder.num_buckets: is %d; it must be a multiple of 4", text.num_buckets)));
  return Require(
      bundle.fusion.video.text_dim == text.dim && bundle.fusion.audio.text_dim == text.dim &&
          bundle.fusion.video.text_len == bundle.fusion.audio.text_len,
      absl::StrFormat("$.fusion: both towers' text_dim must be the text encoder's dim (%d), and their text_len equal",
                      text.dim));
}

absl::Status CheckVideoVae(const BundleConfig& bundle) {
  const VideoVaeConfig& vae = bundle.video_vae;
  const auto z = static_cast<size_t>(vae.z_dim);
  OVI_RETURN_IF_ERROR(Require(bundle.fusion.video.in_dim == vae.z_dim,
                              absl::StrFormat("$.video_vae.z_dim: is %d; it must be the video tower's in_dim (%d)",
                                              vae.z_dim, bundle.fusion.video.in_dim)));
  OVI_RETURN_IF_ERROR(
      Require(vae.latent_mean.size() == z && vae.latent_std.size() == z,
              absl::StrFormat("$.video_vae: latent_mean has %d numbers, latent_std %d; each needs z_dim (%d)",
                              vae.latent_mean.size(), vae.latent_std.size(), z)));
  return Require(
      vae.dim_mult.size() >= 2 && vae.temporal_downsample.size() + 1 == vae.dim_mult.size(),
      absl::StrFormat("$.video_vae.temporal_downsample: has %d entries; it must have one less than dim_mult (%d), and "
                      "that at least 2",
                      vae.temporal_downsample.size(), vae.dim_mult.size()));
}

absl::Status CheckAudio(const BundleConfig& bundle) {
  const AudioVaeConfig& vae = bundle.audio_vae;
  const VocoderConfig& vocoder = bundle.vocoder;
  const auto bins = static_cast<size_t>(vae.data_dim);
  OVI_RETURN_IF_ERROR(Require(bundle.fusion.audio.in_dim == vae.embed_dim,
                              absl::StrFormat("$.audio_vae.embed_dim: is %d; it must be the audio tower's in_dim (%d)",
                                              vae.embed_dim, bundle.fusion.audio.in_dim)));
  OVI_RETURN_IF_ERROR(
      Require(vae.mel_mean.size() == bins && vae.mel_std.size() == bins,
              absl::StrFormat("$.audio_vae: mel_mean has %d numbers, mel_std %d; each needs data_dim (%d)",
                              vae.mel_mean.size(), vae.mel_std.size(), bins)));
  OVI_RETURN_IF_ERROR(Require(vocoder.num_mels == vae.data_dim,
                              absl::StrFormat("$.vocoder.num_mels: is %d; it must be the audio VAE's data_dim (%d)",
                                              vocoder.num_mels, vae.data_dim)));
  OVI_RETURN_IF_ERROR(
      Require(!vocoder.upsample_rates.empty() && vocoder.upsample_rates.size() == vocoder.upsample_kernel_sizes.size(),
              absl::StrFormat("$.vocoder.upsample_kernel_sizes: has %d entries; upsample_rates has %d, at least 1",
                              vocoder.upsample_kernel_sizes.size(), vocoder.upsample_rates.size())));
  const auto stages = static_cast<int64_t>(vocoder.upsample_rates.size());
  OVI_RETURN_IF_ERROR(Require(
      stages < 20 && vocoder.upsample_initial_channel % (int64_t{1} << stages) == 0,
      absl::StrFormat("$.vocoder.upsample_initial_channel: is %d; %d stages halve it each, so 2^%d must divide it",
                      vocoder.upsample_initial_channel, stages, stages)));
  for (size_t i = 0; i < vocoder.upsample_rates.size(); ++i) {
    const int64_t kernel = vocoder.upsample_kernel_sizes[i], rate = vocoder.upsample_rates[i];
    OVI_RETURN_IF_ERROR(
        Require(kernel >= rate && (kernel - rate) % 2 == 0,
                absl::StrFormat("$.vocoder.upsample_kernel_sizes[%d]: is %d; it must exceed its rate %d by an even "
                                "number, or equal it",
                                i, kernel, rate)));
  }
  return Require(
      !vocoder.resblock_kernel_sizes.empty() &&
          vocoder.resblock_kernel_sizes.size() == vocoder.resblock_dilation_sizes.size(),
      absl::StrFormat("$.vocoder.resblock_dilation_sizes: has %d lists; resblock_kernel_sizes has %d, at least 1",
                      vocoder.resblock_dilation_sizes.size(), vocoder.resblock_kernel_sizes.size()));
}

}  // namespace

void FillPublishedStatistics(BundleConfig& bundle) {
  VideoVaeConfig& video = bundle.video_vae;
  if (video.latent_mean.empty()) video.latent_mean = PublishedLatentMean();
  if (video.latent_std.empty()) video.latent_std = PublishedLatentStd();
  AudioVaeConfig& audio = bundle.audio_vae;
  if (audio.mel_mean.empty()) audio.mel_mean = PublishedMelMean();
  if (audio.mel_std.empty()) audio.mel_std = PublishedMelStd();
}

absl::Status CheckConfig(const BundleConfig& bundle) {
  OVI_RETURN_IF_ERROR(CheckFusion(bundle.fusion));
  OVI_RETURN_IF_ERROR(CheckTextEncoder(bundle));
  OVI_RETURN_IF_ERROR(CheckVideoVae(bundle));
  return CheckAudio(bundle);
}

}  // namespace ovi
