#include "bench/plain_vocoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_weight_norm.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv_transpose1d.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/replication_pad1d.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/square.h>
#include <ATen/ops/tanh.h>

#include "absl/strings/str_format.h"

namespace ovi::bench {

PlainVocoder::PlainVocoder(PlainWeights weights, const VocoderConfig& config)
    : config_(config), weights_(std::move(weights)) {
  const PlainWeights stored = weights_;
  for (const auto& [name, value] : stored) {
    if (!name.ends_with(".weight_v")) continue;
    const std::string prefix = name.substr(0, name.size() - 2);
    weights_[prefix] = at::_weight_norm(value, stored.at(prefix + "_g"), 0);
  }
}

at::Tensor PlainVocoder::Forward(const at::Tensor& mel) const {
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

at::Tensor PlainVocoder::Activation(const std::string& name, const at::Tensor& x) const {
  const int64_t channels = x.size(1);
  at::Tensor up = at::conv_transpose1d(at::replication_pad1d(x, {5, 5}),
                                       At(name + ".upsample.filter").expand({channels, 1, 12}), {}, 2, 0, 0, channels) *
                  2;
  up = up.slice(-1, 15, up.size(-1) - 15);
  const at::Tensor alpha = at::exp(At(name + ".act.alpha")).reshape({1, channels, 1});
  const at::Tensor beta = at::exp(At(name + ".act.beta")).reshape({1, channels, 1});
  const at::Tensor act = up + (beta + 1e-9).reciprocal() * at::square(at::sin(up * alpha));
  return at::conv1d(at::replication_pad1d(act, {5, 6}),
                    At(name + ".downsample.lowpass.filter").expand({channels, 1, 12}), {}, 2, at::IntArrayRef{0}, 1,
                    channels);
}

at::Tensor PlainVocoder::Conv(const std::string& name, const at::Tensor& x, int64_t dilation) const {
  const at::Tensor& weight = At(name + ".weight");
  return at::conv1d(x, weight, At(name + ".bias"), 1, at::IntArrayRef{dilation * (weight.size(2) - 1) / 2}, dilation);
}

at::Tensor PlainVocoder::Block(const std::string& name, at::Tensor x, const std::vector<int64_t>& dilations) const {
  for (size_t n = 0; n < dilations.size(); ++n) {
    at::Tensor y = Activation(absl::StrFormat("%s.activations.%d", name, 2 * n), x);
    y = Conv(absl::StrFormat("%s.convs1.%d", name, n), y, dilations[n]);
    y = Activation(absl::StrFormat("%s.activations.%d", name, 2 * n + 1), y);
    x = Conv(absl::StrFormat("%s.convs2.%d", name, n), y, 1) + x;
  }
  return x;
}

}  // namespace ovi::bench
