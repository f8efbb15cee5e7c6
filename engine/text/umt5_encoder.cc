#include "engine/text/umt5_encoder.h"

#include <ATen/Dispatch.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>

#include <limits>

#include "absl/strings/str_format.h"
#include "engine/text/relative_position.h"

namespace ovi {
namespace {

// The most negative finite number of a dtype: a masked score. Minus infinity would make a row without any key NaN.
double Lowest(at::ScalarType dtype) {
  return AT_DISPATCH_FLOATING_TYPES_AND2(at::kHalf, at::kBFloat16, dtype, "Lowest",
                                         [] { return static_cast<double>(std::numeric_limits<scalar_t>::lowest()); });
}

}  // namespace

Umt5Block::Umt5Block(WeightScope weights, const TextEncoderConfig& config)
    : norm1_(weights.Sub("norm1"), config.dim),
      norm2_(weights.Sub("norm2"), config.dim),
      attention_(weights.Sub("attn"), config),
      feed_forward_(weights.Sub("ffn"), config),
      position_table_(
          weights.Sub("pos_embedding").Sub("embedding").Take("weight", {config.num_buckets, config.num_heads})) {}

at::Tensor Umt5Block::PositionBias(const at::Tensor& buckets) const {
  return at::embedding(position_table_, buckets).permute({2, 0, 1}).unsqueeze(0);
}

at::Tensor Umt5Block::Forward(const at::Tensor& x, const at::Tensor& buckets, const at::Tensor& masked, int64_t layer,
                              Probe* probe) const {
  const auto record = [&](const char* name, const at::Tensor& value) {
    if (probe != nullptr) probe->Record(absl::StrFormat("layer%d_%s", layer, name), value);
  };
  at::Tensor bias = PositionBias(buckets);
  record("pos_bias", bias);
  if (masked.defined()) bias = bias.masked_fill(masked, Lowest(bias.scalar_type()));
  at::Tensor out = x + attention_.Forward(norm1_.Forward(x), bias);
  record("after_attn", out);
  out = out + feed_forward_.Forward(norm2_.Forward(out));
  record("after_ffn", out);
  return out;
}

Umt5Encoder::Umt5Encoder(WeightScope weights, const TextEncoderConfig& config)
    : num_buckets_(config.num_buckets),
      token_embedding_(weights.Sub("token_embedding").Take("weight", {config.vocab_size, config.dim})),
      norm_(weights.Sub("norm"), config.dim) {
  for (int64_t i = 0; i < config.num_layers; ++i) blocks_.emplace_back(weights.Sub("blocks").Sub(i), config);
}

at::Tensor Umt5Encoder::Forward(const at::Tensor& ids, const at::Tensor& mask, Probe* probe) const {
  const at::Tensor buckets = SequenceBuckets(ids.size(1), num_buckets_).to(device());
  const at::Tensor masked = mask.defined() ? mask.eq(0).unsqueeze(1).unsqueeze(1) : at::Tensor();
  at::Tensor x = at::embedding(token_embedding_, ids);
  if (probe != nullptr) probe->Record("embedded", x);
  int64_t layer = 0;
  for (const Umt5Block& block : blocks_) x = block.Forward(x, buckets, masked, layer++, probe);
  x = norm_.Forward(x);
  if (probe != nullptr) probe->Record("hidden", x);
  return x;
}

}  // namespace ovi
