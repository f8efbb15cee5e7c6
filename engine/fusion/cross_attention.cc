#include "engine/fusion/cross_attention.h"

#include <ATen/ops/cat.h>

#include <vector>

#include "engine/fusion/attention.h"
#include "engine/fusion/rope.h"

namespace ovi {
namespace {

// Upstream gives the norms of the fusion path this constant, whatever the tower's own eps.
constexpr double kFusionEps = 1e-6;

}  // namespace

FusionCrossAttention::FusionCrossAttention(const WeightScope& weights, const TowerConfig& config)
    : num_heads_(config.num_heads),
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

OtherTower FusionCrossAttention::PrepareOther(const at::Tensor& other, const at::Tensor& rope, const Trace& trace,
                                              std::string_view key_name) const {
  const std::vector<at::Tensor> kv = other_kv_.Forward(norm_other_.Forward(other)).chunk(2, -1);
  const at::Tensor k = SplitHeads(norm_k_other_.Forward(kv[0]), num_heads_);
  RotateInPlace(k, rope);
  trace.Record(key_name, k);
  return {HeadsFirst(k), HeadsFirst(SplitHeads(kv[1], num_heads_))};
}

at::Tensor FusionCrossAttention::AttendText(const at::Tensor& q, std::span<const TextAttention> texts) const {
  const at::Tensor queries = HeadsFirst(q);
  std::vector<at::Tensor> halves;
  for (size_t i = 0; i < texts.size(); ++i) {
    const int64_t row = q.size(0) == 1 ? 0 : static_cast<int64_t>(i);
    halves.push_back(Attend(queries.narrow(0, row, 1), texts[i].text->keys, texts[i].text->values, *texts[i].bias));
  }
  return halves.size() == 1 ? halves[0] : at::cat(halves);
}

at::Tensor FusionCrossAttention::Forward(const at::Tensor& x, std::span<const TextAttention> texts,
                                         const OtherTower& other, const at::Tensor& rope, const Trace& trace) const {
  const at::Tensor q = SplitHeads(norm_q_.Forward(q_.Forward(x)), num_heads_);
  at::Tensor out = AttendText(q, texts);
  RotateInPlace(q, rope);
  trace.Record("cross_q", q);
  out.add_(Attend(HeadsFirst(q), other.keys, other.values));
  return o_.Forward(out);
}

}  // namespace ovi
