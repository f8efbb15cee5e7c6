// Runs the cases of kind "audio": what a case wants is told by the input it gives.
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/audio_vae/audio_decoder.h"
#include "engine/audio_vae/audio_vae_encoder.h"
#include "engine/audio_vae/mel_spectrogram.h"
#include "engine/audio_vae/vocoder.h"
#include "engine/device/probe.h"
#include "engine/parity/parity_case.h"

namespace ovi {
namespace {

using Tensors = std::map<std::string, at::Tensor>;

Placement PlacementOf(const ParityContext& context) {
  return {.device = context.device, .stored = context.dtype, .compute = context.dtype};
}

absl::StatusOr<Tensors> DecodeLatent(const ParityContext& context, const at::Tensor& latent) {
  OVI_ASSIGN_OR_RETURN(AudioVaeDecoder decoder, LoadAudioVaeDecoder(context.bundle.audio_vae_file,
                                                                    context.bundle.audio_vae, PlacementOf(context)));
  RecordingProbe probe;
  const at::Tensor mel = decoder.Decode(latent, &probe);
  Tensors tensors = probe.values();
  tensors["mel"] = mel;
  return tensors;
}

absl::StatusOr<Tensors> EncodeWaveform(const ParityContext& context, const at::Tensor& waveform) {
  OVI_ASSIGN_OR_RETURN(AudioVaeEncoder encoder, LoadAudioVaeEncoder(context.bundle.audio_vae_file,
                                                                    context.bundle.audio_vae, PlacementOf(context)));
  OVI_ASSIGN_OR_RETURN(const AudioPosterior posterior, encoder.Encode(waveform));
  return Tensors{{"mel", posterior.mel},
                 {"latent_mean", posterior.mean},
                 {"latent_logvar", posterior.logvar},
                 {"mel_basis", encoder.mel().filter_bank()},
                 {"window", encoder.mel().window()}};
}

absl::StatusOr<Tensors> Vocode(const ParityContext& context, const at::Tensor& mel) {
  OVI_ASSIGN_OR_RETURN(Vocoder vocoder,
                       LoadVocoder(context.bundle.vocoder_file, context.bundle.vocoder, PlacementOf(context)));
  RecordingProbe probe;
  const at::Tensor waveform = vocoder.Forward(mel, &probe);
  Tensors tensors = probe.values();
  tensors["waveform"] = waveform;
  return tensors;
}

// The first stage's blocks, each on its own, and inside one activation: resblocks.1.activations.2 where there is one.
absl::StatusOr<Tensors> RunVocoderBlocks(const ParityContext& context, const at::Tensor& input) {
  const at::Tensor x = input.to(context.dtype);
  OVI_ASSIGN_OR_RETURN(Vocoder vocoder,
                       LoadVocoder(context.bundle.vocoder_file, context.bundle.vocoder, PlacementOf(context)));
  const size_t num_kernels = context.bundle.vocoder.resblock_kernel_sizes.size();
  Tensors tensors;
  for (size_t i = 0; i < num_kernels; ++i) {
    tensors[absl::StrFormat("resblock%d", i)] = vocoder.blocks()[i].Forward(x);
  }
  const std::vector<AntiAliasedSnake>& activations =
      vocoder.blocks()[std::min<size_t>(1, num_kernels - 1)].activations();
  const AntiAliasedSnake& activation = activations[std::min<size_t>(2, activations.size() - 1)];
  RecordingProbe probe;
  activation.Forward(x, &probe);
  tensors.insert(probe.values().begin(), probe.values().end());
  tensors["filter_up"] = activation.up_filter();
  tensors["filter_down"] = activation.down_filter();
  return tensors;
}

struct Runner {
  const char* input;
  absl::StatusOr<Tensors> (*run)(const ParityContext&, const at::Tensor&);
};
constexpr Runner kRunners[] = {
    {"latent", DecodeLatent}, {"waveform", EncodeWaveform}, {"mel", Vocode}, {"x", RunVocoderBlocks}};

}  // namespace

absl::StatusOr<CaseOutcome> RunAudioCase(const ParityContext& context, const ParityCase& parity_case) {
  for (const Runner& runner : kRunners) {
    const auto input = parity_case.inputs.find(runner.input);
    if (input == parity_case.inputs.end()) continue;
    CaseOutcome outcome;
    OVI_ASSIGN_OR_RETURN(outcome.tensors, runner.run(context, input->second.to(context.device)));
    return outcome;
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: an audio case has one of the inputs latent, waveform, mel, x", parity_case.name));
}

}  // namespace ovi
