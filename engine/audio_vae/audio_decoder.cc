#include "engine/audio_vae/audio_decoder.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/tensor_file.h"

namespace ovi {
namespace {

// Opens `path`, builds a Network from it, and reports whatever did not fit. `unused`: a part of the file to leave.
template <typename Network, typename Config>
absl::StatusOr<Network> LoadNetwork(const std::string& path, const Config& config, const Placement& placement,
                                    const char* unused) {
  OVI_ASSIGN_OR_RETURN(std::shared_ptr<const TensorFile> file, OpenTensorFile(path));
  Weights weights(std::move(file), placement);
  if (unused != nullptr) weights.Root().Sub(unused).Ignore();
  Network network(weights.Root(), config);
  OVI_RETURN_IF_ERROR(weights.Finish());
  return network;
}

}  // namespace

absl::StatusOr<AudioVaeDecoder> LoadAudioVaeDecoder(const std::string& path, const AudioVaeConfig& config,
                                                    const Placement& placement) {
  return LoadNetwork<AudioVaeDecoder>(path, config, placement, "encoder");
}

absl::StatusOr<AudioVaeEncoder> LoadAudioVaeEncoder(const std::string& path, const AudioVaeConfig& config,
                                                    const Placement& placement) {
  return LoadNetwork<AudioVaeEncoder>(path, config, placement, "decoder");
}

absl::StatusOr<Vocoder> LoadVocoder(const std::string& path, const VocoderConfig& config, const Placement& placement) {
  return LoadNetwork<Vocoder>(path, config, placement, nullptr);
}

AudioDecoder::AudioDecoder(AudioVaeDecoder vae, Vocoder vocoder, int64_t embed_dim, c10::Device device)
    : vae_(std::move(vae)), vocoder_(std::move(vocoder)), embed_dim_(embed_dim), device_(device) {}

absl::StatusOr<AudioDecoder> AudioDecoder::Load(const BundleConfig& bundle, const Placement& placement) {
  OVI_ASSIGN_OR_RETURN(AudioVaeDecoder vae, LoadAudioVaeDecoder(bundle.audio_vae_file, bundle.audio_vae, placement));
  OVI_ASSIGN_OR_RETURN(Vocoder vocoder, LoadVocoder(bundle.vocoder_file, bundle.vocoder, placement));
  return AudioDecoder(std::move(vae), std::move(vocoder), bundle.audio_vae.embed_dim, placement.device);
}

absl::StatusOr<at::Tensor> AudioDecoder::Decode(const at::Tensor& latent,
                                                const std::function<bool()>& should_stop) const {
  if (latent.dim() != 2 || latent.size(0) < 1 || latent.size(1) != embed_dim_) {
    return absl::InvalidArgumentError(
        absl::StrFormat("audio latent has shape %s; it must be [length, %d]", c10::str(latent.sizes()), embed_dim_));
  }
  const at::Tensor mel = vae_.Decode(latent.to(device_).t().unsqueeze(0));
  if (should_stop && should_stop()) return absl::CancelledError("stopped between the audio VAE and the vocoder");
  const at::Tensor waveform = vocoder_.Forward(mel);
  return waveform.flatten().to(at::kCPU, at::kFloat).contiguous();
}

}  // namespace ovi
