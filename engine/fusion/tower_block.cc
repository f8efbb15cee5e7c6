#include "engine/fusion/tower_block.h"

namespace ovi {

TowerBlock::TowerBlock(const WeightScope& weights, const TowerConfig& config)
    : eps_(config.eps),
      self_attention_(weights.Sub("self_attn"), config),
      cross_norm_(weights.Sub("norm3"), config.dim, config.eps),
      cross_attention_(weights.Sub("cross_attn"), config),
      ffn_in_(weights.Sub("ffn").Sub(0), config.dim, config.ffn_dim),
      ffn_out_(weights.Sub("ffn").Sub(2), config.ffn_dim, config.dim) {}

void TowerBlock::AddSelfAttention(at::Tensor& x, const BlockModulation& m, const at::Tensor& rope,
                                  const Trace& trace) const {
  const at::Tensor y = ModulatedNorm(x, m.self_shift, m.self_scale, m.clean_tokens, eps_);
  at::Tensor out = self_attention_.Forward(y, rope, trace);
  AddGated(x, out, m.self_gate, m.clean_tokens);
}

void TowerBlock::AddCrossAttention(at::Tensor& x, std::span<const TextAttention> texts, const OtherTower& other,
                                   const at::Tensor& rope, const Trace& trace) const {
  const at::Tensor out = cross_attention_.Forward(cross_norm_.Forward(x), texts, other, rope, trace);
  if (out.size(0) == x.size(0)) {
    x.add_(out);
  } else {
    x = x.add(out);
  }
}

void TowerBlock::AddFeedForward(at::Tensor& x, const BlockModulation& m) const {
  const at::Tensor hidden = ffn_in_.ForwardGelu(ModulatedNorm(x, m.ffn_shift, m.ffn_scale, m.clean_tokens, eps_));
  at::Tensor out = ffn_out_.Forward(hidden);
  AddGated(x, out, m.ffn_gate, m.clean_tokens);
}

}  // namespace ovi
