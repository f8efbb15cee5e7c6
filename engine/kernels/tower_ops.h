// The transformer's element-wise work in as few passes over memory as it can be: tensors in, tensors out. Each has a
// twin in LibTorch's own operations (engine/fusion/modulation.h, norms.h, rope.h), rounds where the twin rounds, and is
// held to it by a test. All run on the current stream of x's device and do not wait.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace ovi::gpu {

// Whether this build has the kernels and they take x [B, N, dim]: bfloat16 on a GPU, contiguous, dim a multiple of 8
// and at most 32768.
bool CanFuse(const at::Tensor& x);
// The same for queries and keys: head_dim a multiple of 8 too.
bool CanFuseHeads(const at::Tensor& x, int64_t head_dim);

// [R, dim], R = 1 or 2 with unit stride: what modulation.h calls rows.
struct Rows {
  at::Tensor scale, shift;  // undefined together
  bool rounds_between = false;
};

// x += addend * gate in place (gate [R, dim]; undefined: x += addend; addend undefined: x stays), then up to two layer
// norms of the new x, each norm(x) * scale + shift. Rows of two have row 0 for the first `clean_tokens` tokens.
struct NormPair {
  at::Tensor first, second;  // second is undefined if `second` was
};
NormPair AddThenNorm(const at::Tensor& x, const at::Tensor& addend, const at::Tensor& gate, const Rows& first,
                     const Rows& second, int64_t clean_tokens, double eps);
void AddGated(const at::Tensor& x, const at::Tensor& addend, const at::Tensor& gate, int64_t clean_tokens);

// rms_norm(x) * weight over the last dimension of x [B, N, dim] (rows may lie apart), then rotary positions by
// `factors`, complex64 [N, pairs], as rope.h. `plain` is the norm before the turn, contiguous; undefined unless asked
// for.
struct Turned {
  at::Tensor plain, turned;  // [B, N, dim]
};
enum class Keep { kTurned, kBoth };
Turned NormRope(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& factors, int64_t head_dim, double eps,
                Keep keep = Keep::kTurned);
// Without a turn.
at::Tensor Norm(const at::Tensor& x, const at::Tensor& weight, double eps);

}  // namespace ovi::gpu
