// The rival of the video decoder: the Wan2.2 VAE's decoder in eager LibTorch, one latent frame at a time, as upstream
// organises it: caches concatenated in front of every convolution, norm and SiLU as separate operations, nearest
// upsampling before a 3x3 convolution, frames collected by concatenation. float32.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>

#include "bench/plain_weights.h"
#include "engine/checkpoint/config.h"

namespace ovi::bench {

class PlainVideoDecoder {
 public:
  PlainVideoDecoder(PlainWeights weights, VideoVaeConfig config)
      : weights_(std::move(weights)), config_(std::move(config)) {}

  // latent [1, z, F, h, w], normalised -> frames [3, T, H, W] within [-1, 1].
  at::Tensor Forward(const at::Tensor& latent) const;

 private:
  using Caches = std::map<std::string, at::Tensor>;  // last input frames of each convolution, by its name

  const at::Tensor& At(const std::string& name) const { return weights_.at(name); }
  at::Tensor CausalConv(const std::string& name, const at::Tensor& x, Caches& caches) const;
  at::Tensor NormSilu(const std::string& name, const at::Tensor& x) const;
  at::Tensor ResidualBlock(const std::string& name, const at::Tensor& x, Caches& caches) const;
  at::Tensor Attention(const std::string& name, const at::Tensor& x) const;
  at::Tensor Upsample(const std::string& name, at::Tensor x, bool in_time, bool first, Caches& caches) const;
  at::Tensor DecodeFrame(const at::Tensor& z, bool first, Caches& caches) const;

  PlainWeights weights_;
  VideoVaeConfig config_;
};

}  // namespace ovi::bench
