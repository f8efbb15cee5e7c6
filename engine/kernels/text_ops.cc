#include "engine/kernels/text_ops.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "engine/kernels/op_tensors.h"
#include "engine/kernels/text_kernels.h"

namespace ovi::gpu {
namespace {

const uint8_t* Bytes(const at::Tensor& x) { return x.defined() ? static_cast<const uint8_t*>(x.data_ptr()) : nullptr; }

}  // namespace

bool CanFuseText(const at::Tensor& weight) {
  const int64_t dim = weight.size(0);
  return IsBf16OnGpu(weight) && dim % 8 == 0 && dim <= kMostTextDim;
}

int64_t MostTextLength() { return kMostTextLength; }

at::Tensor AddThenRmsNorm(const at::Tensor& x, const at::Tensor& addend, const at::Tensor& weight, double eps) {
  at::Tensor out = at::empty_like(x);
  LaunchAddRmsNorm({.x = Data(x),
                    .addend = Data(addend),
                    .weight = Data(weight),
                    .out = Data(out),
                    .rows = x.numel() / x.size(-1),
                    .dim = x.size(-1),
                    .eps = static_cast<float>(eps)},
                   CurrentStream(x.device()));
  return out;
}

at::Tensor GatedGelu(const at::Tensor& x) {
  std::vector<int64_t> sizes = x.sizes().vec();
  sizes.back() /= 2;
  at::Tensor out = at::empty(sizes, x.options());
  LaunchGatedGelu({.x = Data(x), .out = Data(out), .rows = x.numel() / x.size(-1), .dim = sizes.back()},
                  CurrentStream(x.device()));
  return out;
}

at::Tensor EmptyScores(int64_t heads, int64_t length, const at::Tensor& like) {
  constexpr int64_t kPack = 8;
  const int64_t padded = (length + kPack - 1) / kPack * kPack;
  return at::empty({heads, length, padded}, like.options()).narrow(2, 0, length);
}

void BiasSoftmax(const at::Tensor& scores, const at::Tensor& table, const at::Tensor& buckets, const at::Tensor& keep) {
  LaunchBiasSoftmax({.scores = Data(scores),
                     .table = Data(table),
                     .buckets = Bytes(buckets),
                     .keep = Bytes(keep),
                     .heads = scores.size(0),
                     .length = scores.size(1),
                     .row_stride = scores.stride(1)},
                    CurrentStream(scores.device()));
}

}  // namespace ovi::gpu
