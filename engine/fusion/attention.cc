#include "engine/fusion/attention.h"

#include <ATen/ops/scaled_dot_product_attention.h>

namespace ovi {

at::Tensor Attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionChoice& attention,
                  const at::Tensor& bias) {
  const at::Tensor out = bias.defined() ? at::scaled_dot_product_attention(q, k, v, bias) : attention.Run(q, k, v);
  return out.transpose(1, 2).flatten(2);
}

at::Tensor SplitHeads(const at::Tensor& x, int64_t num_heads) {
  return x.unflatten(-1, {num_heads, x.size(-1) / num_heads});
}

at::Tensor HeadsFirst(const at::Tensor& x) { return x.transpose(1, 2); }

}  // namespace ovi
