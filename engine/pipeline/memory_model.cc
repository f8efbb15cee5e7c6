#include "engine/pipeline/memory_model.h"

#include "engine/pipeline/memory_coefficients.h"
#include "engine/pipeline/vae_memory.h"
#include "engine/video_vae/vae_stage.h"

namespace ovi {
namespace {

constexpr int64_t kPrompts = 3;  // the prompt and two negative ones, encoded in one batch

double D(int64_t value) { return static_cast<double>(value); }

// B prompts of L tokens: the widest step of a block is its attention, whose scores are whole, or its feed-forward.
double TextBytes(const BundleConfig& bundle, const RunShape& run, const MemoryCoefficients& c) {
  const TextEncoderConfig& text = bundle.text_encoder;
  const double rows = D(kPrompts * bundle.fusion.video.text_len);
  const double scores = rows * D(bundle.fusion.video.text_len * text.num_heads);
  const double attention = scores * (c.text_scores * D(run.value_bytes) + sizeof(float));
  const double feed_forward = c.text_feed_forward * rows * D(text.dim_ffn * run.value_bytes);
  return c.text_rows * rows * D(text.dim * run.value_bytes) + std::max(attention, feed_forward);
}

// Keys and values of every block of both towers, for the positive and the negative prompts; they live as long as the
// loop.
double TextKeysBytes(const FusionConfig& fusion, const RunShape& run) {
  double values = 0;
  for (const TowerConfig* tower : {&fusion.video, &fusion.audio}) {
    values += D(2 * 2 * tower->num_layers * tower->text_len) * D(tower->dim);
  }
  return values * D(run.value_bytes);
}

// The latents of the loop, in float32 where a solver keeps its history so.
double LatentBytes(const BundleConfig& bundle, const CheckpointConfig& checkpoint, const ClipShape& clip,
                   const RunShape& run, const MemoryCoefficients& c) {
  const int64_t stride = SpatialStride(bundle.video_vae);
  const double values = D(bundle.fusion.video.in_dim * checkpoint.video_latent_frames) *
                        D((clip.height / stride) * (clip.width / stride));
  return c.latents * values * D(run.value_bytes);
}

// The widest step of a block. Video's tokens outnumber audio's by a hundred, and the towers take turns.
double BlockBytes(const BundleConfig& bundle, const CheckpointConfig& checkpoint, const ClipShape& clip,
                  const RunShape& run, const MemoryCoefficients& c) {
  const TowerConfig& tower = bundle.fusion.video;
  const int64_t stride = SpatialStride(bundle.video_vae);
  const int64_t tokens = checkpoint.video_latent_frames / tower.patch_size[0] *
                         (clip.height / (stride * tower.patch_size[1])) * (clip.width / (stride * tower.patch_size[2]));
  const double attention = c.attention_rows * D(tower.dim);
  const double feed_forward = c.feed_forward_rows * D(tower.dim) + c.feed_forward_hidden * D(tower.ffn_dim);
  const double passes = run.on_cpu ? 2 : 1;
  const double rope = D(tokens * tower.head_dim() / 2) * 2 * sizeof(float);
  return passes * D(tokens) * std::max(attention, feed_forward) * D(run.value_bytes) + rope;
}

// The widest of the vocoder's [channels, samples] tensors: channels halve as samples are multiplied.
double VocoderBytes(const BundleConfig& bundle, const CheckpointConfig& checkpoint, const RunShape& run,
                    const MemoryCoefficients& c) {
  constexpr int64_t kMelPerLatent = 2;
  int64_t channels = bundle.vocoder.upsample_initial_channel;
  int64_t samples = checkpoint.audio_latent_length * kMelPerLatent;
  double widest = D(channels * samples);
  for (const int64_t rate : bundle.vocoder.upsample_rates) {
    channels /= 2;
    samples *= rate;
    widest = std::max(widest, D(channels * samples));
  }
  return c.vocoder_copies * widest * D(run.value_bytes);
}

// What the encoder holds: 8-bit 4:2:0 pictures.
double EncoderBytes(const ClipShape& clip, const MemoryCoefficients& c) {
  return c.encoder_pictures * 1.5 * D(clip.height * clip.width);
}

}  // namespace

PeakPrediction PredictPeak(const BundleConfig& bundle, const CheckpointConfig& checkpoint, const ClipShape& clip,
                           const RunShape& run, int64_t models_bytes) {
  const MemoryCoefficients& c = run.on_cpu ? kCpuMemory : kAcceleratorMemory;
  const VaeMemory vae(bundle.video_vae, clip.height, clip.width, run.vae_value_bytes, c);
  const double latents = LatentBytes(bundle, checkpoint, clip, run, c);
  double in_loop = BlockBytes(bundle, checkpoint, clip, run, c);
  if (clip.has_previews) in_loop = std::max(in_loop, vae.DecodeFirstFrameBytes());

  const auto over_models = [&](double bytes) { return models_bytes + c.fixed_bytes + static_cast<int64_t>(bytes); };
  PeakPrediction peak{.models = models_bytes};
  peak.text = over_models(TextBytes(bundle, run, c));
  peak.first_frame = clip.has_first_frame ? over_models(vae.EncodeFirstFrameBytes()) : models_bytes;
  peak.diffusion = over_models(TextKeysBytes(bundle.fusion, run) + latents + in_loop);
  peak.decode = over_models(latents / c.latents + EncoderBytes(clip, c) +
                            std::max(vae.DecodeBytes(), VocoderBytes(bundle, checkpoint, run, c)));
  return peak;
}

}  // namespace ovi
