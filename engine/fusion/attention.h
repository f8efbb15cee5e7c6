// softmax(q k^T / sqrt(D) + bias) v: the one place where the towers choose how attention is computed.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/device/attention_backend.h"

namespace ovi {

// q [B, H, N, D], k and v [B, H, M, D], any strides with D innermost; bias [1, 1, 1, M] of q's dtype, or undefined. A
// bias is added by LibTorch's own choice of kernel, whatever `attention` says. Returns [B, N, H * D].
at::Tensor Attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionChoice& attention,
                  const at::Tensor& bias = {});

// [B, N, H * D] as [B, N, H, D], and [B, N, H, D] as [B, H, N, D]: both views.
at::Tensor SplitHeads(const at::Tensor& x, int64_t num_heads);
at::Tensor HeadsFirst(const at::Tensor& x);

}  // namespace ovi
