// One tower's half of a block: self-attention, cross-attention to prompt and other tower, feed-forward, each added to
// the residual stream x [B, N, dim].
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/fusion/cross_attention.h"
#include "engine/fusion/modulation.h"
#include "engine/fusion/residual_stream.h"
#include "engine/fusion/self_attention.h"

namespace ovi {

class TowerBlock {
 public:
  // Takes `blocks.<i>.*` but for the modulation, which TowerModulation takes.
  TowerBlock(const WeightScope& weights, const TowerConfig& config, const AttentionChoice& attention);

  void AddSelfAttention(ResidualStream& x, const BlockModulation& modulation, const at::Tensor& rope,
                        const Trace& trace) const;
  void AddFeedForward(ResidualStream& x, const BlockModulation& modulation) const;

  // `normed`: x behind cross_norm, used up. If x has one row and there are two texts, x then has a row for each.
  void AddCrossAttention(ResidualStream& x, at::Tensor normed, std::span<const TextAttention> texts,
                         const OtherTower& other, const at::Tensor& rope, const Trace& trace) const;

  const LayerNorm& cross_norm() const { return cross_norm_; }
  const FusionCrossAttention& cross_attention() const { return cross_attention_; }

 private:
  double eps_;
  SelfAttention self_attention_;
  LayerNorm cross_norm_;
  FusionCrossAttention cross_attention_;
  Linear ffn_in_, ffn_out_;
};

}  // namespace ovi
