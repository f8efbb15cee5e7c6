// Convolution over [1, C, T, H, W], with its weights: the one place that chooses how a convolution is carried out.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>

#include "engine/checkpoint/weights.h"
#include "engine/video_vae/pending_sum.h"

namespace ovi {

// How activations of the dtype and on the device of `like` lie in memory. Channels last: oneDNN on a CPU, and cuDNN in
// bfloat16, then run every convolution of this network at nine tenths of the peak without repacking its input, and
// frames are contiguous blocks. Only float32 on a GPU goes the other way, where channels last is the unusual case.
at::MemoryFormat ActivationFormat(const at::Tensor& like);

// [1, C, T, H, W] of uninitialised memory in that format, on the device and of the dtype of `like`.
at::Tensor EmptyActivation(at::IntArrayRef sizes, const at::Tensor& like);

// Immutable once built.
class Conv {
 public:
  using Sizes = std::array<int64_t, 3>;  // t, h, w

  // Takes "weight" and "bias". `weight_shape` is the file's: [out, in, t, h, w], or [out, in, h, w] for a convolution
  // of single frames. No padding in time ever: what is before a frame comes in with the input (CausalHistory).
  Conv(const WeightScope& weights, at::IntArrayRef weight_shape, Sizes padding = {0, 0, 0}, Sizes stride = {1, 1, 1});
  // From a weight [out, in, t, h, w] and a bias [out] made of others.
  Conv(const at::Tensor& weight, at::Tensor bias, Sizes padding = {0, 0, 0}, Sizes stride = {1, 1, 1});

  // x [1, in, T, H, W] -> a new tensor [1, out, T', H', W'].
  at::Tensor Forward(const at::Tensor& x) const;
  // The same but for the bias, where leaving it to the next pass saves one.
  PendingSum ForwardPending(const at::Tensor& x) const;
  // The same without any bias: the caller has it in a sum of its own, made from bias().
  at::Tensor ForwardWithoutBias(const at::Tensor& x) const { return Run(x, {}); }

  // Whether ForwardPending leaves the bias out.
  bool defers_bias() const;
  const at::Tensor& weight() const { return weight_; }  // [out, in, t, h, w]
  const at::Tensor& bias() const { return bias_; }

 private:
  at::Tensor Run(const at::Tensor& x, const at::Tensor& bias) const;

  at::Tensor weight_, bias_;
  Sizes padding_, stride_;
};

}  // namespace ovi
