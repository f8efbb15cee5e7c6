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

// What a layer norm is multiplied by and what is added: [dim], or [R, dim] of unit stride with R = 1 or 2
// (modulation.h).
struct NormRows {
  at::Tensor scale, shift;      // undefined: this norm is not wanted
  bool rounds_between = false;  // norm, product and sum each round, or once at the end
  double eps = 0;
};

// x += addend * gate in place (gate [R, dim]; undefined: x += addend; addend undefined: x stays), then up to two layer
// norms of the new x, each norm(x) * scale + shift. Of two rows the first `clean_tokens` tokens take row 0.
struct NormPair {
  at::Tensor first, second;  // like x
};
NormPair AddThenNorm(const at::Tensor& x, const at::Tensor& addend, const at::Tensor& gate, int64_t clean_tokens,
                     const NormRows& first = {}, const NormRows& second = {});

// rms_norm(x) * weight over the last dimension of x [B, N, dim], then rotary positions by `factors`, complex64 [N,
// pairs], as rope.h. The result takes x's place, or, if both are wanted, the norm before the turn does.
at::Tensor NormRopeInPlace(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& factors, int64_t head_dim,
                           double eps);
struct NormAndTurned {
  at::Tensor norm, turned;
};
NormAndTurned NormAndRope(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& factors, int64_t head_dim,
                          double eps);

}  // namespace ovi::gpu
