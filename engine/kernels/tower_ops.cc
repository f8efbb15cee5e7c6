#include "engine/kernels/tower_ops.h"

#include <ATen/ops/empty_like.h>

#include "engine/kernels/op_tensors.h"
#include "engine/kernels/tower_kernels.h"

namespace ovi::gpu {
namespace {

constexpr int64_t kLargestDim = 32768;

TokenRows RowsOf(const at::Tensor& rows) {
  if (!rows.defined()) return {};
  return {Data(rows), rows.dim() == 2 && rows.size(0) == 2 ? rows.stride(0) : 0};
}

NormOutput OutputFor(const at::Tensor& out, const NormRows& rows) {
  if (!out.defined()) return {};
  return {Data(out), RowsOf(rows.scale), RowsOf(rows.shift), rows.rounds_between, static_cast<float>(rows.eps)};
}

NormRopeArgs ArgsFor(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& factors, int64_t head_dim,
                     double eps) {
  return {.x = Data(x),
          .weight = Data(weight),
          .factors = static_cast<const float*>(factors.data_ptr()),
          .rows = x.numel() / x.size(-1),
          .dim = x.size(-1),
          .tokens = x.size(-2),
          .head_dim = head_dim,
          .pairs = factors.size(1),
          .eps = static_cast<float>(eps)};
}

}  // namespace

bool CanFuse(const at::Tensor& x) {
  return IsBf16OnGpu(x) && x.is_contiguous() && x.size(-1) % 8 == 0 && x.size(-1) <= kLargestDim;
}

NormPair AddThenNorm(const at::Tensor& x, const at::Tensor& addend, const at::Tensor& gate, int64_t clean_tokens,
                     const NormRows& first, const NormRows& second) {
  NormPair out;
  if (first.scale.defined()) out.first = at::empty_like(x);
  if (second.scale.defined()) out.second = at::empty_like(x);
  LaunchResidualNorm({.x = Data(x),
                      .addend = Data(addend),
                      .gate = RowsOf(gate),
                      .first = OutputFor(out.first, first),
                      .second = OutputFor(out.second, second),
                      .rows = x.numel() / x.size(-1),
                      .dim = x.size(-1),
                      .tokens = x.size(-2),
                      .clean_tokens = clean_tokens},
                     CurrentStream(x.device()));
  return out;
}

at::Tensor NormRopeInPlace(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& factors, int64_t head_dim,
                           double eps) {
  NormRopeArgs args = ArgsFor(x, weight, factors, head_dim, eps);
  args.turned = Data(x);
  LaunchNormRope(args, CurrentStream(x.device()));
  return x;
}

NormAndTurned NormAndRope(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& factors, int64_t head_dim,
                          double eps) {
  NormAndTurned out{x, at::empty_like(x)};
  NormRopeArgs args = ArgsFor(x, weight, factors, head_dim, eps);
  args.plain = Data(x);
  args.turned = Data(out.turned);
  LaunchNormRope(args, CurrentStream(x.device()));
  return out;
}

}  // namespace ovi::gpu
