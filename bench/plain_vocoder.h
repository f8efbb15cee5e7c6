// The rival of the vocoder: BigVGAN as its paper's code runs it. Zeros inserted by a grouped transposed convolution,
// one operation after another. float32.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bench/plain_weights.h"
#include "engine/checkpoint/config.h"

namespace ovi::bench {

class PlainVocoder {
 public:
  // `weights` as in the file, with weight_g and weight_v: normalised here, once.
  PlainVocoder(PlainWeights weights, const VocoderConfig& config);

  // mel [1, bins, M] -> wave [1, 1, samples].
  at::Tensor Forward(const at::Tensor& mel) const;
  // One anti-aliased activation of x [1, C, L].
  at::Tensor Activation(const std::string& name, const at::Tensor& x) const;

 private:
  const at::Tensor& At(const std::string& name) const { return weights_.at(name); }
  at::Tensor Conv(const std::string& name, const at::Tensor& x, int64_t dilation) const;
  at::Tensor Block(const std::string& name, at::Tensor x, const std::vector<int64_t>& dilations) const;

  VocoderConfig config_;
  PlainWeights weights_;
};

}  // namespace ovi::bench
