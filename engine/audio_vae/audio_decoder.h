// Sound latent -> waveform: the audio VAE's decoder and the vocoder, loaded and run together.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "engine/audio_vae/audio_vae_decoder.h"
#include "engine/audio_vae/audio_vae_encoder.h"
#include "engine/audio_vae/vocoder.h"
#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"

namespace ovi {

// Immutable once built; Decode may run on several threads if `should_stop` may.
class AudioDecoder {
 public:
  // Loads both networks from the bundle's files. Errors name the file: NotFound, InvalidArgument (not a tensor file),
  // FailedPrecondition (every missing, unexpected or misshapen tensor).
  static absl::StatusOr<AudioDecoder> Load(const BundleConfig& bundle, const Placement& placement);

  // latent [L, embed_dim], as the sampling loop holds it, on any device and of any floating dtype -> waveform
  // [2 hop L], mono, within [-1, 1], float32 on the CPU. `should_stop` is asked between the two networks; may be null.
  // Errors: InvalidArgument (shape), Cancelled (`should_stop` said yes). LibTorch's exceptions pass through.
  absl::StatusOr<at::Tensor> Decode(const at::Tensor& latent, const std::function<bool()>& should_stop = nullptr) const;

  const AudioVaeDecoder& vae() const { return vae_; }
  const Vocoder& vocoder() const { return vocoder_; }

 private:
  AudioDecoder(AudioVaeDecoder vae, Vocoder vocoder, int64_t embed_dim, c10::Device device);

  AudioVaeDecoder vae_;
  Vocoder vocoder_;
  int64_t embed_dim_;
  c10::Device device_;
};

// One network from its file. The other half of the VAE's file stays unread.
absl::StatusOr<AudioVaeDecoder> LoadAudioVaeDecoder(const std::string& path, const AudioVaeConfig& config,
                                                    const Placement& placement);
absl::StatusOr<AudioVaeEncoder> LoadAudioVaeEncoder(const std::string& path, const AudioVaeConfig& config,
                                                    const Placement& placement);
absl::StatusOr<Vocoder> LoadVocoder(const std::string& path, const VocoderConfig& config, const Placement& placement);

}  // namespace ovi
