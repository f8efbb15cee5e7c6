// Sound decoding against the same network written with plain LibTorch calls, in the same run.
//   audio_bench [threads]        (default 2; bundles under OVI_SHARED_DIR)
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/_weight_norm.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv_transpose1d.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/replication_pad1d.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/square.h>
#include <ATen/ops/tanh.h>
#include <c10/core/InferenceMode.h>

#include <cstdlib>
#include <map>
#include <string>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "bench/compare.h"
#include "engine/audio_vae/audio_decoder.h"
#include "engine/checkpoint/bundle.h"
#include "engine/checkpoint/tensor_file.h"

namespace ovi::bench {
namespace {

// BigVGAN as its paper's code runs it: zeros inserted by a grouped transposed convolution, one operation after another.
class PlainVocoder {
 public:
  static absl::StatusOr<PlainVocoder> Load(const std::string& path, const VocoderConfig& config) {
    OVI_ASSIGN_OR_RETURN(const std::shared_ptr<const TensorFile> file, OpenTensorFile(path));
    PlainVocoder vocoder(config);
    for (const auto& [name, info] : file->tensors()) {
      OVI_ASSIGN_OR_RETURN(vocoder.tensors_[name], file->Read(name));
    }
    const std::map<std::string, at::Tensor> stored = vocoder.tensors_;
    for (const auto& [name, value] : stored) {
      if (!name.ends_with(".weight_v")) continue;
      const std::string prefix = name.substr(0, name.size() - 2);
      vocoder.tensors_[prefix] = at::_weight_norm(value, stored.at(prefix + "_g"), 0);
    }
    return vocoder;
  }

  at::Tensor Forward(const at::Tensor& mel) const {
    at::Tensor x = Conv("conv_pre", mel, 1);
    size_t block = 0;
    for (size_t i = 0; i < config_.upsample_rates.size(); ++i) {
      const std::string up = absl::StrFormat("ups.%d.0", i);
      x = at::conv_transpose1d(x, At(up + ".weight"), At(up + ".bias"), config_.upsample_rates[i],
                               (config_.upsample_kernel_sizes[i] - config_.upsample_rates[i]) / 2);
      at::Tensor sum;
      for (const std::vector<int64_t>& dilations : config_.resblock_dilation_sizes) {
        const at::Tensor y = Block(absl::StrFormat("resblocks.%d", block++), x, dilations);
        sum = sum.defined() ? sum + y : y;
      }
      x = sum / static_cast<double>(config_.resblock_dilation_sizes.size());
    }
    return at::tanh(Conv("conv_post", Activation("activation_post", x), 1));
  }

  at::Tensor Activation(const std::string& name, const at::Tensor& x) const {
    const int64_t channels = x.size(1);
    at::Tensor up =
        at::conv_transpose1d(at::replication_pad1d(x, {5, 5}), At(name + ".upsample.filter").expand({channels, 1, 12}),
                             {}, 2, 0, 0, channels) *
        2;
    up = up.slice(-1, 15, up.size(-1) - 15);
    const at::Tensor alpha = at::exp(At(name + ".act.alpha")).reshape({1, channels, 1});
    const at::Tensor beta = at::exp(At(name + ".act.beta")).reshape({1, channels, 1});
    const at::Tensor act = up + (beta + 1e-9).reciprocal() * at::square(at::sin(up * alpha));
    return at::conv1d(at::replication_pad1d(act, {5, 6}),
                      At(name + ".downsample.lowpass.filter").expand({channels, 1, 12}), {}, 2, at::IntArrayRef{0}, 1,
                      channels);
  }

 private:
  explicit PlainVocoder(const VocoderConfig& config) : config_(config) {}

  const at::Tensor& At(const std::string& name) const { return tensors_.at(name); }

  at::Tensor Conv(const std::string& name, const at::Tensor& x, int64_t dilation) const {
    const at::Tensor& weight = At(name + ".weight");
    return at::conv1d(x, weight, At(name + ".bias"), 1, at::IntArrayRef{dilation * (weight.size(2) - 1) / 2}, dilation);
  }

  at::Tensor Block(const std::string& name, at::Tensor x, const std::vector<int64_t>& dilations) const {
    for (size_t n = 0; n < dilations.size(); ++n) {
      at::Tensor y = Activation(absl::StrFormat("%s.activations.%d", name, 2 * n), x);
      y = Conv(absl::StrFormat("%s.convs1.%d", name, n), y, dilations[n]);
      y = Activation(absl::StrFormat("%s.activations.%d", name, 2 * n + 1), y);
      x = Conv(absl::StrFormat("%s.convs2.%d", name, n), y, 1) + x;
    }
    return x;
  }

  VocoderConfig config_;
  std::map<std::string, at::Tensor> tensors_;
};

absl::Status Run(const std::string& label, const std::string& folder) {
  OVI_ASSIGN_OR_RETURN(const BundleConfig bundle, OpenBundle(folder));
  OVI_ASSIGN_OR_RETURN(const AudioDecoder decoder, AudioDecoder::Load(bundle, Placement{}));
  OVI_ASSIGN_OR_RETURN(const PlainVocoder plain, PlainVocoder::Load(bundle.vocoder_file, bundle.vocoder));
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

int main(int argc, char** argv) {
  const c10::InferenceMode inference;
  at::set_num_threads(argc > 1 ? std::atoi(argv[1]) : 2);
  at::manual_seed(1);
  ovi::bench::PrintHeader();
  for (const auto& [label, folder] :
       {std::pair("tiny", OVI_SHARED_DIR "/goldens/tiny-bundle"), std::pair("demo", OVI_SHARED_DIR "/demo-bundle")}) {
    if (const absl::Status status = ovi::bench::Run(label, folder); !status.ok()) {
      std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
      return 1;
    }
  }
  return 0;
}
