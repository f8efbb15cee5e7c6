#include "engine/fusion/self_attention.h"

#include <vector>

#include "engine/fusion/attention.h"
#include "engine/fusion/rope.h"

namespace ovi {

SelfAttention::SelfAttention(const WeightScope& weights, const TowerConfig& config)
    : num_heads_(config.num_heads),
      qkv_(weights, {"q", "k", "v"}, config.dim, config.dim),
      o_(weights.Sub("o"), config.dim, config.dim),
      norm_q_(weights.Sub("norm_q"), config.dim, config.eps),
      norm_k_(weights.Sub("norm_k"), config.dim, config.eps) {}

at::Tensor SelfAttention::Forward(const at::Tensor& x, const at::Tensor& rope, const Trace& trace) const {
  const std::vector<at::Tensor> qkv = qkv_.Forward(x).chunk(3, -1);
  const at::Tensor q = SplitHeads(norm_q_.Forward(qkv[0]), num_heads_);
  const at::Tensor k = SplitHeads(norm_k_.Forward(qkv[1]), num_heads_);
  trace.Record("self_q_before", q);
  trace.Record("self_k_before", k);
  RotateInPlace(q, rope);
  RotateInPlace(k, rope);
  trace.Record("self_q", q);
  trace.Record("self_k", k);
  return o_.Forward(Attend(HeadsFirst(q), HeadsFirst(k), HeadsFirst(SplitHeads(qkv[2], num_heads_))));
}

}  // namespace ovi
