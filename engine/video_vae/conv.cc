#include "engine/video_vae/conv.h"

#include <ATen/Context.h>
#include <ATen/ops/conv3d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mkldnn_convolution.h>

#include <utility>

#include "engine/kernels/vae_ops.h"

namespace ovi {
namespace {

at::Tensor WithTime(const at::Tensor& weight) { return weight.dim() == 4 ? weight.unsqueeze(2) : weight; }

}  // namespace

at::MemoryFormat ActivationFormat(const at::Tensor& like) {
  return like.is_cpu() || like.scalar_type() == at::kBFloat16 ? at::MemoryFormat::ChannelsLast3d
                                                              : at::MemoryFormat::Contiguous;
}

at::Tensor EmptyActivation(at::IntArrayRef sizes, const at::Tensor& like) {
  return at::empty(sizes, like.options(), ActivationFormat(like));
}

Conv::Conv(const WeightScope& weights, at::IntArrayRef weight_shape, Sizes padding, Sizes stride)
    : Conv(WithTime(weights.Take("weight", weight_shape)), weights.Take("bias", {weight_shape[0]}), padding, stride) {}

Conv::Conv(const at::Tensor& weight, at::Tensor bias, Sizes padding, Sizes stride)
    : weight_(weight.contiguous(ActivationFormat(weight))),
      bias_(std::move(bias)),
      padding_(padding),
      stride_(stride) {}

bool Conv::defers_bias() const { return gpu::CanFuseChannels(weight_, weight_.size(0)); }

at::Tensor Conv::Forward(const at::Tensor& x) const { return Run(x, bias_); }

PendingSum Conv::ForwardPending(const at::Tensor& x) const {
  if (defers_bias()) return {.x = Run(x, {}), .bias = bias_};
  return {.x = Run(x, bias_)};
}

at::Tensor Conv::Run(const at::Tensor& x, const at::Tensor& bias) const {
  // at::conv3d would send small inputs past oneDNN, to a loop that is up to ten times slower.
  if (x.is_cpu() && x.scalar_type() == at::kFloat && at::globalContext().hasMKLDNN() &&
      at::globalContext().userEnabledMkldnn()) {
    return at::mkldnn_convolution(x, weight_, bias, padding_, stride_, {1, 1, 1}, 1);
  }
  return at::conv3d(x, weight_, bias, stride_, padding_);
}

}  // namespace ovi
