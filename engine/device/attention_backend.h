// Which of LibTorch's attention kernels computes softmax(q k^T / sqrt(D)) v.
//
// `scaled_dot_product_attention` chooses by itself, and where no fused kernel fits it falls to MATH without a word,
// which holds every score at once. The kernels are called by name here, so one that cannot run throws. AttentionChoice
// is what the networks hold; attention_selection.h makes one by trying.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string_view>

namespace ovi {

enum class AttentionBackend {
  kCudnn,      // NVIDIA only, bf16 only
  kFlash,      // FlashAttention 2 on NVIDIA, AOTriton on AMD; bf16 only
  kEfficient,  // CUTLASS on NVIDIA, AOTriton on AMD; the one for float32
  kMath,       // batched products and a softmax: memory grows with N * M
  kNative,     // LibTorch's own choice, which on the CPU is a fused kernel for every dtype
};

// "cudnn", "flash", "efficient", "math", "native"; nullopt for any other word.
std::string_view AttentionBackendName(AttentionBackend backend);
std::optional<AttentionBackend> ParseAttentionBackend(std::string_view name);

// q [B, H, N, D], k and v [B, H, M, D], bf16 or float32, any strides with D innermost; no mask. Returns [B, H, N, D] in
// the strides that the kernel likes. Throws c10::Error where the backend cannot run here, and never tries another one.
at::Tensor RunAttention(AttentionBackend backend, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);

// A value of two words. Default: native, which is right on the CPU.
struct AttentionChoice {
  // The audio tower's 157 tokens against the video's keys: kernels that win on long queries can lose here.
  static constexpr int64_t kFewQueries = 256;

  AttentionBackend many_queries = AttentionBackend::kNative;
  AttentionBackend few_queries = AttentionBackend::kNative;  // N <= kFewQueries

  at::Tensor Run(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) const;
};

}  // namespace ovi
