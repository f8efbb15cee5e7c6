// Convolutions whose weight is stored as a direction v and a length g (Salimans & Kingma 2016): w = v g / ||v||, the
// norm over every dimension but the first.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/checkpoint/weights.h"

namespace ovi {

// The weight [shape], made in float32 and then placed. A file spells it weight_g and weight_v, or (newer PyTorch)
// parametrizations.weight.original0 and .original1; either will do. g is [shape[0], 1, 1].
at::Tensor TakeWeightNormed(const WeightScope& weights, at::IntArrayRef shape);

// A convolution over time that keeps the length. Immutable.
class WeightNormConv1d {
 public:
  // Takes the weight [out_channels, in_channels, kernel_size] and `bias`. kernel_size is odd.
  WeightNormConv1d(const WeightScope& weights, int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                   int64_t dilation = 1);
  // x [B, in_channels, T] of any floating dtype -> [B, out_channels, T] of the weight's.
  at::Tensor Forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_, bias_;
  int64_t dilation_;
};

// Lengthens a signal `rate` times. Immutable.
class WeightNormConvTranspose1d {
 public:
  // Takes the weight [in_channels, out_channels, kernel_size], so g is one length for each INPUT channel, and `bias`.
  // kernel_size - rate is even and not negative.
  WeightNormConvTranspose1d(const WeightScope& weights, int64_t in_channels, int64_t out_channels, int64_t kernel_size,
                            int64_t rate);
  // x [B, in_channels, T] -> [B, out_channels, rate T].
  at::Tensor Forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_, bias_;
  int64_t rate_;
};

}  // namespace ovi
