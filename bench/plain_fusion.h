// The rival of fusion_bench: the twin transformer written down as one would in eager LibTorch, in the way upstream's
// Python is organised. Separate q, k and v products, RMS norm of five operations, rotation in complex128, time
// embedding and modulation per token, text MLP and text keys in every pass, one pass at a time. float32.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "bench/plain_weights.h"
#include "engine/checkpoint/config.h"
#include "engine/fusion/fusion_model.h"

namespace ovi::bench {

class PlainFusion {
 public:
  PlainFusion(PlainWeights weights, FusionConfig config) : weights_(std::move(weights)), config_(std::move(config)) {}

  Velocity Forward(const at::Tensor& video, const at::Tensor& audio, double timestep, const at::Tensor& video_text,
                   const at::Tensor& audio_text) const;

 private:
  struct Side;
  const at::Tensor& W(const std::string& name) const { return weights_.at(name); }
  at::Tensor Linear(const std::string& name, const at::Tensor& x) const;
  at::Tensor Rms(const std::string& name, const at::Tensor& x) const;
  at::Tensor Heads(const at::Tensor& x) const;
  void Prepare(Side& side, double timestep, const at::Tensor& text) const;
  void SelfAttention(Side& side, const std::string& block) const;
  void CrossAttentionAndFfn(Side& side, const Side& other, const at::Tensor& other_x, const std::string& block) const;
  at::Tensor Head(const Side& side) const;

  PlainWeights weights_;
  FusionConfig config_;
};

}  // namespace ovi::bench
