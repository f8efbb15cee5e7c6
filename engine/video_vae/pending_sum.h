// A sum that is still to be made. On a GPU adding is as much work as reading and writing, so a convolution leaves its
// bias, and a residual block its shortcut, to whoever goes over the result next.
#pragma once

#include <ATen/core/Tensor.h>

namespace ovi {

// x + addend + bias, [1, C, T, H, W]. A value; `x` belongs to it alone, as the sum is made in its memory.
struct PendingSum {
  at::Tensor x = {};
  at::Tensor addend = {};  // of x's sizes; undefined: none
  at::Tensor bias = {};    // [C]; undefined: none. Only where the kernels are (gpu::CanFuseChannels)
};

// Makes the sum: `sum` is one tensor from here on, which is returned.
at::Tensor Settle(PendingSum& sum);

// Makes it in `out`, of x's sizes, which may be x, a range of frames of a larger tensor or anything that overlaps
// nothing.
void SettleInto(const PendingSum& sum, const at::Tensor& out);
// The same in tensor operations, in float32 and rounded once at the end: what the kernel is held to.
void SettleByOps(const PendingSum& sum, const at::Tensor& out);

}  // namespace ovi
