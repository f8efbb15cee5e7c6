// One tower's half of a block: self-attention, cross-attention to prompt and other tower, feed-forward, each added to
// the residual stream x [B, N, dim].
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/fusion/cross_attention.h"
#include "engine/fusion/modulation.h"
#include "engine/fusion/self_attention.h"

namespace ovi {

class TowerBlock {
 public:
  // Takes `blocks.<i>.*` but for the modulation, which TowerModulation takes.
  TowerBlock(const WeightScope& weights, const TowerConfig& config);

  // Each writes to x in place.
  void AddSelfAttention(at::Tensor& x, const BlockModulation& modulation, const at::Tensor& rope,
                        const Trace& trace) const;
  void AddFeedForward(at::Tensor& x, const BlockModulation& modulation) const;

  // In place too, unless x has one row and there are two texts: then x becomes a new tensor with a row for each.
  void AddCrossAttention(at::Tensor& x, std::span<const TextAttention> texts, const OtherTower& other,
                         const at::Tensor& rope, const Trace& trace) const;

  const FusionCrossAttention& cross_attention() const { return cross_attention_; }

 private:
  double eps_;
  SelfAttention self_attention_;
  LayerNorm cross_norm_;
  FusionCrossAttention cross_attention_;
  Linear ffn_in_, ffn_out_;
};

}  // namespace ovi
