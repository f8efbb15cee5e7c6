// The encoder of the MMAudio 16 kHz VAE: waveform -> log10 mel -> Gaussian over the sound latent.
// Ovi's own pipeline never encodes sound; this half serves round-trip checks and whoever wants to start from a sound.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "absl/status/statusor.h"
#include "engine/audio_vae/audio_vae_blocks.h"
#include "engine/audio_vae/magnitude_preserving.h"
#include "engine/audio_vae/mel_spectrogram.h"
#include "engine/audio_vae/mel_statistics.h"
#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"

namespace ovi {

struct AudioPosterior {
  at::Tensor mel;           // log10 mel [B, data_dim, frames], float32
  at::Tensor mean, logvar;  // [B, embed_dim, frames / 2] rounded down; logvar within [-30, 20]
};

// Immutable once built; Encode may run on several threads.
class AudioVaeEncoder {
 public:
  // `weights`: the root of the audio VAE's file. What only the decoder needs may be there or not.
  AudioVaeEncoder(const WeightScope& weights, const AudioVaeConfig& config);

  // waveform [B, samples], mono 16 kHz, on the weights' device; beyond [-1, 1] it is clamped.
  // InvalidArgument: another rank, or too short for one latent step.
  absl::StatusOr<AudioPosterior> Encode(const at::Tensor& waveform) const;

  const MelSpectrogram& mel() const { return mel_; }

 private:
  MelSpectrogram mel_;
  MelStatistics statistics_;
  MagnitudeConv1d conv_in_;
  std::vector<AudioLevel> levels_;
  MagnitudeConv1d before_halving_, after_halving_;
  AudioMiddle middle_;
  MagnitudeConv1d conv_out_;
};

}  // namespace ovi
