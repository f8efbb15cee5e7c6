#include "engine/fusion/attention.h"

#include <ATen/ops/scaled_dot_product_attention.h>

#include <optional>

namespace ovi {

at::Tensor Attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& bias) {
  const std::optional<at::Tensor> mask = bias.defined() ? std::optional<at::Tensor>(bias) : std::nullopt;
  return at::scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).flatten(2);
}

at::Tensor SplitHeads(const at::Tensor& x, int64_t num_heads) {
  return x.unflatten(-1, {num_heads, x.size(-1) / num_heads});
}

at::Tensor HeadsFirst(const at::Tensor& x) { return x.transpose(1, 2); }

}  // namespace ovi
