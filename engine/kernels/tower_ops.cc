#include "engine/kernels/tower_ops.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "engine/kernels/current_stream.h"
#include "engine/kernels/tower_kernels.h"

namespace ovi::gpu {
namespace {

constexpr int64_t kLargestDim = 32768;

uint16_t* Data(const at::Tensor& x) { return static_cast<uint16_t*>(x.data_ptr()); }

TokenRows RowsOf(const at::Tensor& rows) {
  if (!rows.defined()) return {};
  if (rows.dim() == 1) return {Data(rows), 0};
  return {Data(rows), rows.size(0) == 2 ? rows.stride(0) : 0};
}

NormOutput OutputFor(const at::Tensor& out, const Rows& rows) {
  if (!out.defined()) return {};
  return {Data(out), RowsOf(rows.scale), RowsOf(rows.shift), rows.rounds_between};
}

}  // namespace

bool CanFuse(const at::Tensor& x) {
  const int64_t dim = x.size(-1);
  return kHaveKernels && !x.is_cpu() && x.scalar_type() == at::kBFloat16 && x.is_contiguous() && dim % 8 == 0 &&
         dim <= kLargestDim;
}

bool CanFuseHeads(const at::Tensor& x, int64_t head_dim) {
  return kHaveKernels && !x.is_cpu() && x.scalar_type() == at::kBFloat16 && x.size(-1) <= kLargestDim &&
         head_dim % 8 == 0 && x.stride(-1) == 1 && x.stride(-2) % 8 == 0;
}

NormPair AddThenNorm(const at::Tensor& x, const at::Tensor& addend, const at::Tensor& gate, const Rows& first,
                     const Rows& second, int64_t clean_tokens, double eps) {
  NormPair out;
  if (first.scale.defined()) out.first = at::empty_like(x);
  if (second.scale.defined()) out.second = at::empty_like(x);
  LaunchResidualNorm({.x = Data(x),
                      .addend = addend.defined() ? Data(addend) : nullptr,
                      .gate = RowsOf(gate),
                      .first = OutputFor(out.first, first),
                      .second = OutputFor(out.second, second),
                      .rows = x.numel() / x.size(-1),
                      .dim = x.size(-1),
                      .tokens = x.size(-2),
                      .clean_tokens = clean_tokens,
                      .eps = static_cast<float>(eps)},
                     CurrentStream(x.device()));
  return out;
}

void AddGated(const at::Tensor& x, const at::Tensor& addend, const at::Tensor& gate, int64_t clean_tokens) {
  AddThenNorm(x, addend, gate, {}, {}, clean_tokens, /*eps=*/0);
}

Turned NormRope(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& factors, int64_t head_dim, double eps,
                Keep keep) {
  Turned out;
  out.turned = at::empty(x.sizes(), x.options());
  if (keep == Keep::kBoth) out.plain = at::empty(x.sizes(), x.options());
  LaunchNormRope({.x = Data(x),
                  .x_stride = x.stride(-2),
                  .weight = Data(weight),
                  .factors = static_cast<const float*>(factors.data_ptr()),
                  .plain = out.plain.defined() ? Data(out.plain) : nullptr,
                  .turned = Data(out.turned),
                  .rows = x.numel() / x.size(-1),
                  .dim = x.size(-1),
                  .tokens = x.size(-2),
                  .head_dim = head_dim,
                  .pairs = factors.size(1),
                  .eps = static_cast<float>(eps)},
                 CurrentStream(x.device()));
  return out;
}

at::Tensor Norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  at::Tensor out = at::empty(x.sizes(), x.options());
  LaunchNormRope({.x = Data(x),
                  .x_stride = x.stride(-2),
                  .weight = Data(weight),
                  .plain = Data(out),
                  .rows = x.numel() / x.size(-1),
                  .dim = x.size(-1),
                  .tokens = x.size(-2),
                  .head_dim = x.size(-1),
                  .eps = static_cast<float>(eps)},
                 CurrentStream(x.device()));
  return out;
}

}  // namespace ovi::gpu
