#include "bench/device/floors.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>

#include "bench/device/timing.h"

namespace ovi::bench {
namespace {

constexpr int64_t kTokens = 15004, kHeads = 24, kHeadDim = 128, kDim = kHeads * kHeadDim;

}  // namespace

Floors MeasureFloors(c10::Device device, const AttentionChoice& attention) {
  const at::TensorOptions options = at::TensorOptions().device(device).dtype(at::kBFloat16);
  Floors floors;
  {
    const at::Tensor x = at::randn({kTokens, kDim}, options), weight = at::randn({3 * kDim, kDim}, options);
    const auto product = [&] { at::linear(x, weight); };
    constexpr double kOperations = 2.0 * kTokens * kDim * 3 * kDim;
    floors.brief_products_per_second = kOperations / MedianSeconds(device, product);
    floors.products_per_second = kOperations / SustainedSeconds(device, product);
  }
  {
    const at::Tensor q = at::randn({1, kTokens, kHeads, kHeadDim}, options).transpose(1, 2);
    const auto attend = [&] { attention.Run(q, q, q); };
    constexpr double kOperations = 4.0 * kTokens * kTokens * kDim;
    floors.brief_attention_per_second = kOperations / MedianSeconds(device, attend);
    floors.attention_per_second = kOperations / SustainedSeconds(device, attend);
  }
  constexpr int64_t kBytes = int64_t{1} << 30;
  const at::Tensor there = at::empty({kBytes}, options.dtype(at::kByte)), back = at::empty_like(there);
  floors.copy_bytes_per_second = 2.0 * kBytes / MedianSeconds(device, [&] { back.copy_(there); });
  const at::Tensor here = at::empty({kBytes / 4}, at::TensorOptions().dtype(at::kByte).pinned_memory(true));
  at::Tensor part = there.narrow(0, 0, kBytes / 4);
  floors.upload_bytes_per_second = kBytes / 4.0 / MedianSeconds(device, [&] { part.copy_(here, true); });
  return floors;
}

}  // namespace ovi::bench
