#include "engine/fusion/tower_block.h"

#include <utility>

namespace ovi {

TowerBlock::TowerBlock(const WeightScope& weights, const TowerConfig& config, const AttentionChoice& attention)
    : eps_(config.eps),
      self_attention_(weights.Sub("self_attn"), config, attention),
      cross_norm_(weights.Sub("norm3"), config.dim, config.eps),
      cross_attention_(weights.Sub("cross_attn"), config, attention),
      ffn_in_(weights.Sub("ffn").Sub(0), config.dim, config.ffn_dim),
      ffn_out_(weights.Sub("ffn").Sub(2), config.ffn_dim, config.dim) {}

void TowerBlock::AddSelfAttention(ResidualStream& x, const BlockModulation& m, const at::Tensor& rope,
                                  const Trace& trace) const {
  at::Tensor normed = x.Modulated(m.self_shift, m.self_scale, m.clean_tokens, eps_);
  x.AddGated(self_attention_.Forward(std::move(normed), rope, trace), m.self_gate, m.clean_tokens);
}

void TowerBlock::AddCrossAttention(ResidualStream& x, at::Tensor normed, std::span<const TextAttention> texts,
                                   const OtherTower& other, const at::Tensor& rope, const Trace& trace) const {
  x.Add(cross_attention_.Forward(std::move(normed), texts, other, rope, trace));
}

void TowerBlock::AddFeedForward(ResidualStream& x, const BlockModulation& m) const {
  const at::Tensor hidden = ffn_in_.ForwardGelu(x.Modulated(m.ffn_shift, m.ffn_scale, m.clean_tokens, eps_));
  x.AddGated(ffn_out_.Forward(hidden), m.ffn_gate, m.clean_tokens);
}

}  // namespace ovi
