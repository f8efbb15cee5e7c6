#include "engine/kernels/snake_ops.h"

#include <ATen/ops/empty_like.h>

#include "engine/kernels/op_tensors.h"

namespace ovi::gpu {

bool CanFuseSnake(const at::Tensor& x, const at::Tensor& alpha) {
  return IsBf16OnGpu(x) && alpha.scalar_type() == at::kFloat;
}

at::Tensor AntiAliasedSnake(const at::Tensor& x, const SnakeTaps& taps, const at::Tensor& alpha,
                            const at::Tensor& inverse_beta) {
  const at::Tensor rows = x.contiguous();
  at::Tensor out = at::empty_like(rows);
  LaunchAntiAliasedSnake({.x = Data(rows),
                          .y = Data(out),
                          .alpha = static_cast<const float*>(alpha.data_ptr()),
                          .inverse_beta = static_cast<const float*>(inverse_beta.data_ptr()),
                          .rows = x.size(0) * x.size(1),
                          .channels = x.size(1),
                          .length = x.size(2),
                          .taps = taps},
                         CurrentStream(x.device()));
  return out;
}

}  // namespace ovi::gpu
