#include "engine/device/attention_backend.h"
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/_scaled_dot_product_cudnn_attention.h>
namespace ovi {
at::Tensor RunAttention(const AttentionChoice&, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  if (q.is_cuda() && q.scalar_type()==at::kBFloat16) return std::get<0>(at::_scaled_dot_product_cudnn_attention(q,k,v,{},false));
  return at::scaled_dot_product_attention(q, k, v);
}
}
