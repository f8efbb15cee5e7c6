#include "engine/video_vae/pending_sum.h"

#include <utility>

#include "engine/kernels/vae_ops.h"

namespace ovi {

at::Tensor Settle(PendingSum& sum) {
  if (sum.addend.defined() || sum.bias.defined()) SettleInto(sum, sum.x);
  sum = {.x = std::move(sum.x)};
  return sum.x;
}

void SettleInto(const PendingSum& sum, const at::Tensor& out) {
  if (!sum.addend.defined() && !sum.bias.defined()) {
    if (!out.is_same(sum.x)) out.copy_(sum.x);
  } else if (gpu::CanFuseActivation(sum.x) && gpu::CanFuseActivation(out) &&
             (!sum.addend.defined() || gpu::CanFuseActivation(sum.addend))) {
    gpu::NormSilu({.x = sum.x, .bias = sum.bias, .addend = sum.addend, .sum = out}, /*smallest_norm=*/0);
  } else {
    SettleByOps(sum, out);
  }
}

void SettleByOps(const PendingSum& sum, const at::Tensor& out) {
  if (!sum.bias.defined() && out.is_same(sum.x)) {
    out.add_(sum.addend);
    return;
  }
  at::Tensor value = sum.x.to(at::kFloat);
  if (sum.bias.defined()) value = value.add(sum.bias.to(at::kFloat).reshape({1, -1, 1, 1, 1}));
  if (sum.addend.defined()) value = value.add(sum.addend);
  out.copy_(value);
}

}  // namespace ovi
