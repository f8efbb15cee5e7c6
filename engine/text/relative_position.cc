#include "engine/text/relative_position.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/log.h>
#include <ATen/ops/where.h>

#include <cmath>

namespace ovi {

at::Tensor RelativePositionBuckets(const at::Tensor& relative, int64_t num_buckets, int64_t max_distance) {
  const int64_t half = num_buckets / 2;
  const int64_t exact = half / 2;
  const at::Tensor behind = relative.gt(0).to(at::kLong) * half;
  const at::Tensor distance = at::abs(relative);
  // In float32 and in this order: distances such as 16, 32, 64 sit exactly on a boundary, and must stay on their side.
  const double growth = std::log(static_cast<double>(max_distance) / static_cast<double>(exact));
  const at::Tensor steps = at::log(distance.clamp_min(exact).to(at::kFloat) / exact) / growth * (half - exact);
  const at::Tensor far = (steps.to(at::kLong) + exact).clamp_max(half - 1);
  return behind + at::where(distance.lt(exact), distance, far);
}

at::Tensor SequenceBuckets(int64_t length, int64_t num_buckets) {
  const at::Tensor positions = at::arange(length, at::kLong);
  return RelativePositionBuckets(positions.unsqueeze(0) - positions.unsqueeze(1), num_buckets);
}

}  // namespace ovi
