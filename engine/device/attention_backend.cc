#include "engine/device/attention_backend.h"

#include <ATen/ops/_scaled_dot_product_attention_math.h>
#include <ATen/ops/_scaled_dot_product_cudnn_attention.h>
#include <ATen/ops/_scaled_dot_product_efficient_attention.h>
#include <ATen/ops/_scaled_dot_product_flash_attention.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <c10/util/Exception.h>

#include <tuple>

namespace ovi {

std::string_view AttentionBackendName(AttentionBackend backend) {
  switch (backend) {
    case AttentionBackend::kCudnn:
      return "cudnn";
    case AttentionBackend::kFlash:
      return "flash";
    case AttentionBackend::kEfficient:
      return "efficient";
    case AttentionBackend::kMath:
      return "math";
    case AttentionBackend::kNative:
      return "native";
  }
  return "";
}

std::optional<AttentionBackend> ParseAttentionBackend(std::string_view name) {
  for (const AttentionBackend backend :
       {AttentionBackend::kCudnn, AttentionBackend::kFlash, AttentionBackend::kEfficient, AttentionBackend::kMath,
        AttentionBackend::kNative}) {
    if (name == AttentionBackendName(backend)) return backend;
  }
  return std::nullopt;
}

at::Tensor RunAttention(AttentionBackend backend, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const std::optional<at::Tensor> no_bias;
  switch (backend) {
    case AttentionBackend::kCudnn:
      // Called by name it takes the bits of a float32 for something else and returns NaN (seen on an H200, cuDNN 9.19).
      TORCH_CHECK(q.scalar_type() == at::kBFloat16, "cuDNN's attention takes bfloat16, not ", q.scalar_type());
      return std::get<0>(at::_scaled_dot_product_cudnn_attention(q, k, v, no_bias, /*compute_log_sumexp=*/false));
    case AttentionBackend::kFlash:
      return std::get<0>(at::_scaled_dot_product_flash_attention(q, k, v));
    case AttentionBackend::kEfficient:
      return std::get<0>(at::_scaled_dot_product_efficient_attention(q, k, v, no_bias, /*compute_log_sumexp=*/false));
    case AttentionBackend::kMath:
      return std::get<0>(at::_scaled_dot_product_attention_math(q, k, v));
    case AttentionBackend::kNative:
      return at::scaled_dot_product_attention(q, k, v);
  }
  TORCH_CHECK(false, "no such attention backend: ", static_cast<int>(backend));
}

at::Tensor AttentionChoice::Run(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) const {
  return RunAttention(q.size(2) <= kFewQueries ? few_queries : many_queries, q, k, v);
}

}  // namespace ovi
