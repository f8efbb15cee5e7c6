// The layers of one UMT5 block (upstream: modules/t5.py). Every operation rounds to the dtype of the weights just where
// upstream's does, so float32 and bfloat16 both come out as there; LibTorch's fused kernels (tanh-gelu,
// scaled_dot_product_attention) would keep float32 in places where upstream rounds to bfloat16. On a GPU in bfloat16
// our own take their place (engine/kernels/text_ops.h), which round as the operations here do, and weights that read
// the same input are joined into one. All are values: immutable once built, thread-safe; weights that are not joined
// share their storage with the file's.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <vector>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"

namespace ovi {

// Where the keys lie as their queries see them: the same for all blocks, which have tables of their own.
struct Umt5Positions {
  at::Tensor buckets;  // [L, L] int64, query by key; undefined where the kernels run and nobody looks
  at::Tensor masked;   // [B, 1, 1, L] bool, true for padding; undefined: none
  // For the kernels; undefined: they do not run.
  at::Tensor by_distance;  // [2 L - 1] uint8, the bucket of key - query + L - 1
  at::Tensor keep;         // [B, L] bool, false for padding; undefined: none
};

// Whether kernels take the place of the operations below, for weights placed so.
bool FusesUmt5(const Placement& placement, const TextEncoderConfig& config);

// Root-mean-square norm in float32, rounded, then times a weight. x [..., dim].
class Umt5Norm {
 public:
  Umt5Norm(WeightScope weights, const TextEncoderConfig& config);
  // x += addend (undefined: nothing), rounded, then the norm of the new x. x may be written in place.
  at::Tensor AddThenNorm(at::Tensor& x, const at::Tensor& addend) const;
  // The norm in tensor operations: what the kernel is held to.
  at::Tensor ForwardByOps(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  bool fuses_;
};

// Self-attention without the usual 1/sqrt(head_dim): x [B, L, dim] -> [B, L, dim].
class Umt5Attention {
 public:
  Umt5Attention(WeightScope weights, const TextEncoderConfig& config);
  // A bias from `table` [num_buckets, H] is added to the scores, and a huge negative number where a key is masked.
  at::Tensor Forward(const at::Tensor& x, const at::Tensor& table, const Umt5Positions& positions) const;

 private:
  at::Tensor AttendByOps(const at::Tensor& x, const at::Tensor& table, const Umt5Positions& positions) const;
  at::Tensor AttendFused(const at::Tensor& x, const at::Tensor& table, const Umt5Positions& positions) const;
  std::array<at::Tensor, 3> Project(const at::Tensor& x) const;  // q, k, v [B, H, L, D]

  int64_t num_heads_;
  std::vector<at::Tensor> qkv_;  // three weights, or the three joined
  at::Tensor o_;
};

// [1, H, L, L] for `buckets` [L, L].
at::Tensor Umt5PositionBias(const at::Tensor& table, const at::Tensor& buckets);

// Gated feed-forward: fc2(fc1(x) * gelu(gate(x))).
class Umt5FeedForward {
 public:
  Umt5FeedForward(WeightScope weights, const TextEncoderConfig& config);
  at::Tensor Forward(const at::Tensor& x) const;

 private:
  std::vector<at::Tensor> gate_fc1_;  // two weights, or the two joined
  at::Tensor fc2_;
};

// second * gelu(first), the tanh approximation of gelu with one rounding per operation: what the kernel is held to.
at::Tensor Umt5GatedGelu(const at::Tensor& first, const at::Tensor& second);
// softmax(scores + bias) over the last dimension in float32, the sum and the result rounded: likewise.
at::Tensor Umt5Softmax(const at::Tensor& scores, const at::Tensor& bias);
// bias [.., L] with the most negative finite number of its dtype where `masked`, or as it is. Minus infinity would make
// a row without any key NaN.
at::Tensor Umt5MaskedBias(const at::Tensor& bias, const at::Tensor& masked);

}  // namespace ovi
