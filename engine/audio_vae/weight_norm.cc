#include "engine/audio_vae/weight_norm.h"

#include <ATen/ops/_weight_norm.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv_transpose1d.h>

namespace ovi {

at::Tensor TakeWeightNormed(const WeightScope& weights, at::IntArrayRef shape) {
  const WeightScope newer = weights.Sub("parametrizations").Sub("weight");
  const bool has_newer = newer.Has("original1");
  const at::Tensor length =
      has_newer ? newer.TakeRaw("original0", {shape[0], 1, 1}) : weights.TakeRaw("weight_g", {shape[0], 1, 1});
  const at::Tensor direction = has_newer ? newer.TakeRaw("original1", shape) : weights.TakeRaw("weight_v", shape);
  return weights.Place(at::_weight_norm(direction, length, 0));
}

WeightNormConv1d::WeightNormConv1d(const WeightScope& weights, int64_t in_channels, int64_t out_channels,
                                   int64_t kernel_size, int64_t dilation)
    : weight_(TakeWeightNormed(weights, {out_channels, in_channels, kernel_size})),
      bias_(weights.Take("bias", {out_channels})),
      dilation_(dilation) {}

at::Tensor WeightNormConv1d::Forward(const at::Tensor& x) const {
  const int64_t padding = dilation_ * (weight_.size(2) - 1) / 2;
  return at::conv1d(x.to(weight_.scalar_type()), weight_, bias_, /*stride=*/1, at::IntArrayRef(padding), dilation_);
}

WeightNormConvTranspose1d::WeightNormConvTranspose1d(const WeightScope& weights, int64_t in_channels,
                                                     int64_t out_channels, int64_t kernel_size, int64_t rate)
    : weight_(TakeWeightNormed(weights, {in_channels, out_channels, kernel_size})),
      bias_(weights.Take("bias", {out_channels})),
      rate_(rate) {}

at::Tensor WeightNormConvTranspose1d::Forward(const at::Tensor& x) const {
  return at::conv_transpose1d(x.to(weight_.scalar_type()), weight_, bias_, /*stride=*/rate_,
                              /*padding=*/(weight_.size(2) - rate_) / 2);
}

}  // namespace ovi
