#include "engine/fusion/cross_attention.h"

#include <ATen/ops/cat.h>

#include <utility>
#include <vector>

#include "engine/fusion/attention.h"
#include "engine/fusion/norm_rope.h"

namespace ovi {
namespace {

// Upstream gives the norms of the fusion path this constant, whatever the tower's own eps.
constexpr double kFusionEps = 1e-6;

}  // namespace

FusionCrossAttention::FusionCrossAttention(const WeightScope& weights, const TowerConfig& config,
                                           const AttentionChoice& attention)
    : num_heads_(config.num_heads),
      attention_(attention),
      q_(weights.Sub("q"), config.dim, config.dim),
      text_kv_(weights, {"k", "v"}, config.dim, config.dim),
      other_kv_(weights, {"k_fusion", "v_fusion"}, config.dim, config.dim),
      o_(weights.Sub("o"), config.dim, config.dim),
      norm_q_(weights.Sub("norm_q"), config.dim, config.eps),
      norm_k_(weights.Sub("norm_k"), config.dim, config.eps),
      norm_k_other_(weights.Sub("norm_k_fusion"), config.dim, kFusionEps),
      norm_other_(weights.Sub("pre_attn_norm_fusion"), config.dim, kFusionEps) {}

BlockText FusionCrossAttention::PrepareText(const at::Tensor& context) const {
  const std::vector<at::Tensor> kv = text_kv_.Forward(context).chunk(2, -1);
  return {HeadsFirst(SplitHeads(norm_k_.Forward(kv[0]), num_heads_)).contiguous(),
          HeadsFirst(SplitHeads(kv[1], num_heads_)).contiguous()};
}

OtherTower FusionCrossAttention::PrepareOther(at::Tensor other, const at::Tensor& rope, const Trace& trace,
                                              std::string_view key_name) const {
  std::vector<at::Tensor> kv = other_kv_.ForwardParts(other);
  other.reset();
  const at::Tensor k = NormThenRotate(std::move(kv[0]), norm_k_other_, rope, num_heads_).turned;
  trace.Record(key_name, k);
  return {HeadsFirst(k), HeadsFirst(SplitHeads(kv[1], num_heads_))};
}

at::Tensor FusionCrossAttention::AttendText(const at::Tensor& q, std::span<const TextAttention> texts) const {
  const at::Tensor queries = HeadsFirst(q);
  std::vector<at::Tensor> halves;
  for (size_t i = 0; i < texts.size(); ++i) {
    const int64_t row = q.size(0) == 1 ? 0 : static_cast<int64_t>(i);
    const BlockText& text = *texts[i].text;
    halves.push_back(Attend(queries.narrow(0, row, 1), text.keys, text.values, attention_, *texts[i].bias));
  }
  return halves.size() == 1 ? halves[0] : at::cat(halves);
}

at::Tensor FusionCrossAttention::Forward(at::Tensor x, std::span<const TextAttention> texts, const OtherTower& other,
                                         const at::Tensor& rope, const Trace& trace) const {
  at::Tensor projected = q_.Forward(x);
  x.reset();
  NormedHeads q = NormThenRotate(std::move(projected), norm_q_, rope, num_heads_, KeepNorm::kYes);
  trace.Record("cross_q", q.turned);
  at::Tensor out = AttendText(q.before, texts);
  q.before.reset();
  out.add_(Attend(HeadsFirst(q.turned), other.keys, other.values, attention_));
  q.turned.reset();
  return o_.Forward(out);
}

}  // namespace ovi
