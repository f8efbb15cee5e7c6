// Sound decoding against the same network written with plain LibTorch calls, in the same run.
//   audio_bench FOLDER...        such as models/demo; a bundle each
#include <ATen/ops/randn.h>

#include <string>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "bench/compare.h"
#include "bench/plain_vocoder.h"
#include "bench/run_bundles.h"
#include "engine/audio_vae/audio_decoder.h"
#include "engine/checkpoint/bundle.h"

namespace ovi::bench {
namespace {

absl::Status Run(const std::string& folder) {
  OVI_ASSIGN_OR_RETURN(const BundleConfig bundle, OpenBundle(folder));
  const std::string& label = bundle.name;
  OVI_ASSIGN_OR_RETURN(const AudioDecoder decoder, AudioDecoder::Load(bundle, Placement{}));
  OVI_ASSIGN_OR_RETURN(PlainWeights weights, LoadPlainWeights(bundle.vocoder_file));
  const PlainVocoder plain(std::move(weights), bundle.vocoder);
  const int64_t length = bundle.checkpoints.front().audio_latent_length;
  const at::Tensor latent = at::randn({length, bundle.audio_vae.embed_dim});
  const at::Tensor mel = decoder.vae().Decode(latent.t().unsqueeze(0));

  const int64_t channels = bundle.vocoder.upsample_initial_channel / 4;
  const at::Tensor x = at::randn({1, channels, mel.size(2) * 16});
  const auto block = bundle.vocoder.resblock_kernel_sizes.size();
  const std::string name = absl::StrFormat("resblocks.%d.activations.0", block);
  PrintRow(absl::StrFormat("%s: activation [%d, %d]", label, channels, x.size(2)),
           Compare([&] { decoder.vocoder().blocks()[block].activations()[0].Forward(x); },
                   [&] { plain.Activation(name, x); }));
  PrintRow(absl::StrFormat("%s: vocoder, %d mel frames", label, mel.size(2)),
           Compare([&] { decoder.vocoder().Forward(mel); }, [&] { plain.Forward(mel); }));
  PrintRow(absl::StrFormat("%s: latent %d to %d samples", label, length, decoder.vocoder().hop() * mel.size(2)),
           Compare([&] { decoder.Decode(latent).value(); },
                   [&] { plain.Forward(decoder.vae().Decode(latent.t().unsqueeze(0))); }));
  return absl::OkStatus();
}

}  // namespace
}  // namespace ovi::bench

int main(int argc, char** argv) { return ovi::bench::RunBundles(argc, argv, ovi::bench::Run); }
