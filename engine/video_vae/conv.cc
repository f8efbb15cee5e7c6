#include "engine/video_vae/conv.h"

#include <ATen/Context.h>
#include <ATen/ops/conv3d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mkldnn_convolution.h>

#include <utility>

namespace ovi {
namespace {

at::Tensor WithTime(const at::Tensor& weight) { return weight.dim() == 4 ? weight.unsqueeze(2) : weight; }

}  // namespace

at::MemoryFormat ActivationFormat(c10::Device device) {
  return device.is_cpu() ? at::MemoryFormat::ChannelsLast3d : at::MemoryFormat::Contiguous;
}

at::Tensor EmptyActivation(at::IntArrayRef sizes, const at::Tensor& like) {
  return at::empty(sizes, like.options(), ActivationFormat(like.device()));
}

Conv::Conv(const WeightScope& weights, at::IntArrayRef weight_shape, Sizes padding, Sizes stride)
    : Conv(WithTime(weights.Take("weight", weight_shape)), weights.Take("bias", {weight_shape[0]}), padding, stride) {}

Conv::Conv(const at::Tensor& weight, at::Tensor bias, Sizes padding, Sizes stride)
    : weight_(weight.contiguous(ActivationFormat(weight.device()))),
      bias_(std::move(bias)),
      padding_(padding),
      stride_(stride) {}

at::Tensor Conv::Forward(const at::Tensor& x) const {
  // at::conv3d would send small inputs past oneDNN, to a loop that is up to ten times slower.
  if (x.is_cpu() && x.scalar_type() == at::kFloat && at::globalContext().hasMKLDNN() &&
      at::globalContext().userEnabledMkldnn()) {
    return at::mkldnn_convolution(x, weight_, bias_, padding_, stride_, {1, 1, 1}, 1);
  }
  return at::conv3d(x, weight_, bias_, stride_, padding_);
}

}  // namespace ovi
