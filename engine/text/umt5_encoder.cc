#include "engine/text/umt5_encoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/embedding.h>

#include "absl/strings/str_format.h"
#include "engine/kernels/text_ops.h"
#include "engine/text/relative_position.h"

namespace ovi {

Umt5Block::Umt5Block(WeightScope weights, const TextEncoderConfig& config)
    : norm1_(weights.Sub("norm1"), config),
      norm2_(weights.Sub("norm2"), config),
      attention_(weights.Sub("attn"), config),
      feed_forward_(weights.Sub("ffn"), config),
      position_table_(
          weights.Sub("pos_embedding").Sub("embedding").Take("weight", {config.num_buckets, config.num_heads})) {}

at::Tensor Umt5Block::Forward(at::Tensor& x, const at::Tensor& addend, const Umt5Positions& positions, int64_t layer,
                              Probe* probe) const {
  const auto record = [&](const char* name, const at::Tensor& value) {
    if (probe != nullptr) probe->Record(absl::StrFormat("layer%d_%s", layer, name), value);
  };
  if (probe != nullptr) record("pos_bias", Umt5PositionBias(position_table_, positions.buckets));
  const at::Tensor attended = attention_.Forward(norm1_.AddThenNorm(x, addend), position_table_, positions);
  const at::Tensor normed = norm2_.AddThenNorm(x, attended);
  record("after_attn", x);
  const at::Tensor out = feed_forward_.Forward(normed);
  if (probe != nullptr) record("after_ffn", x + out);
  return out;
}

Umt5Encoder::Umt5Encoder(WeightScope weights, const TextEncoderConfig& config)
    : num_buckets_(config.num_buckets),
      fuses_(FusesUmt5(weights.placement(), config)),
      token_embedding_(weights.Sub("token_embedding").Take("weight", {config.vocab_size, config.dim})),
      norm_(weights.Sub("norm"), config) {
  for (int64_t i = 0; i < config.num_layers; ++i) blocks_.emplace_back(weights.Sub("blocks").Sub(i), config);
}

Umt5Positions Umt5Encoder::PositionsOf(int64_t length, const at::Tensor& mask, const Probe* probe) const {
  Umt5Positions positions;
  const bool fused = fuses_ && length <= gpu::MostTextLength();
  if (fused) {
    const at::Tensor distances = at::arange(1 - length, length, at::kLong);
    positions.by_distance = RelativePositionBuckets(distances, num_buckets_).to(at::kByte).to(device());
    if (mask.defined()) positions.keep = mask.ne(0).contiguous();
  }
  if (!fused || probe != nullptr) positions.buckets = SequenceBuckets(length, num_buckets_).to(device());
  if (mask.defined()) positions.masked = mask.eq(0).unsqueeze(1).unsqueeze(1);
  return positions;
}

at::Tensor Umt5Encoder::Forward(const at::Tensor& ids, const at::Tensor& mask, Probe* probe) const {
  const Umt5Positions positions = PositionsOf(ids.size(1), mask, probe);
  at::Tensor x = at::embedding(token_embedding_, ids), addend;
  if (probe != nullptr) probe->Record("embedded", x);
  int64_t layer = 0;
  for (const Umt5Block& block : blocks_) addend = block.Forward(x, addend, positions, layer++, probe);
  x = norm_.AddThenNorm(x, addend);
  if (probe != nullptr) probe->Record("hidden", x);
  return x;
}

}  // namespace ovi
