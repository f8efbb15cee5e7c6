#include "engine/fusion/self_attention.h"

#include <utility>
#include <vector>

#include "engine/fusion/attention.h"
#include "engine/fusion/norm_rope.h"

namespace ovi {

SelfAttention::SelfAttention(const WeightScope& weights, const TowerConfig& config, const AttentionChoice& attention)
    : num_heads_(config.num_heads),
      attention_(attention),
      qkv_(weights, {"q", "k", "v"}, config.dim, config.dim),
      o_(weights.Sub("o"), config.dim, config.dim),
      norm_q_(weights.Sub("norm_q"), config.dim, config.eps),
      norm_k_(weights.Sub("norm_k"), config.dim, config.eps) {}

at::Tensor SelfAttention::Forward(at::Tensor x, const at::Tensor& rope, const Trace& trace) const {
  std::vector<at::Tensor> qkv = qkv_.ForwardParts(x);
  x.reset();
  const KeepNorm keep = trace.active() ? KeepNorm::kYes : KeepNorm::kNo;
  NormedHeads q = NormThenRotate(std::move(qkv[0]), norm_q_, rope, num_heads_, keep);
  NormedHeads k = NormThenRotate(std::move(qkv[1]), norm_k_, rope, num_heads_, keep);
  trace.Record("self_q_before", q.before);
  trace.Record("self_k_before", k.before);
  trace.Record("self_q", q.turned);
  trace.Record("self_k", k.turned);
  return o_.Forward(
      Attend(HeadsFirst(q.turned), HeadsFirst(k.turned), HeadsFirst(SplitHeads(qkv[2], num_heads_)), attention_));
}

}  // namespace ovi
