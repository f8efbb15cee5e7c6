// The decoder of the MMAudio 16 kHz VAE: sound latent -> log10 mel spectrogram.
//   conv_in; middle; levels 2, 1, 0 with one doubling of the length after level 1; silu; conv_out; mel statistics.
// (Ovi: ovi/modules/mmaudio/ext/autoencoder)
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "engine/audio_vae/audio_vae_blocks.h"
#include "engine/audio_vae/magnitude_preserving.h"
#include "engine/audio_vae/mel_statistics.h"
#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/probe.h"

namespace ovi {

// Immutable once built; Decode may run on several threads.
class AudioVaeDecoder {
 public:
  // `weights`: the root of the audio VAE's file. What only the encoder needs may be there or not.
  AudioVaeDecoder(const WeightScope& weights, const AudioVaeConfig& config);

  // latent [B, embed_dim, L] of any floating dtype -> mel [B, data_dim, 2 L] in the dtype of the weights.
  // Probe: "mid" [B, 4 hidden_dim, L], "upsampled" [B, 2 hidden_dim, 2 L].
  at::Tensor Decode(const at::Tensor& latent, Probe* probe = nullptr) const;

 private:
  MelStatistics statistics_;
  MagnitudeConv1d conv_in_;
  AudioMiddle middle_;
  std::vector<AudioLevel> levels_;  // by level; run from the last to the first
  MagnitudeConv1d upsample_, conv_out_;
};

}  // namespace ovi
