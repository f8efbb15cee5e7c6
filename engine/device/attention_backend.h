#pragma once
#include <ATen/core/Tensor.h>
namespace ovi {
enum class AttentionBackend { kNative, kCudnn, kFlash, kEfficient, kMath };
struct AttentionChoice {
  AttentionBackend backend = AttentionBackend::kNative;
  AttentionBackend short_queries = AttentionBackend::kNative;
};
at::Tensor RunAttention(const AttentionChoice& choice, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);
}  // namespace ovi
