#include "engine/fusion/rope.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/polar.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/view_as_complex.h>
#include <ATen/ops/view_as_real.h>

namespace ovi {
namespace {

// Complex128 [kRopePositions, n / 2].
at::Tensor AxisTable(int64_t n, double scale) {
  const at::Tensor exponents = at::arange(0, n, 2, at::kDouble).div(static_cast<double>(n));
  const at::Tensor frequencies = at::pow(10000.0, exponents).reciprocal().mul(scale);
  const at::Tensor angles = at::outer(at::arange(kRopePositions, at::kDouble), frequencies);
  return at::polar(at::ones_like(angles), angles);
}

}  // namespace

RopeTable::RopeTable(const TowerConfig& config, c10::Device device) {
  const int64_t sixth = config.head_dim() / 6;
  std::vector<int64_t> axis_numbers = {config.head_dim() - 4 * sixth};
  if (config.IsVideo()) axis_numbers.insert(axis_numbers.end(), 2, 2 * sixth);
  const double scale = config.IsVideo() ? 1.0 : config.temporal_rope_scaling_factor;
  std::vector<at::Tensor> tables;
  for (const int64_t n : axis_numbers) {
    axis_pairs_.push_back(n / 2);
    tables.push_back(AxisTable(n, scale));
  }
  table_ = at::cat(tables, 1).to(device, at::kComplexFloat);
}

at::Tensor RopeTable::Factors(at::IntArrayRef grid) const {
  TORCH_CHECK(grid.size() == axis_pairs_.size(), "rope: grid has ", grid.size(), " axes, the tower ",
              axis_pairs_.size());
  std::vector<int64_t> shape(grid.begin(), grid.end());
  shape.push_back(-1);
  std::vector<at::Tensor> parts;
  int64_t first_pair = 0;
  for (size_t axis = 0; axis < grid.size(); ++axis) {
    std::vector<int64_t> view(grid.size(), 1);
    view[axis] = grid[axis];
    view.push_back(axis_pairs_[axis]);
    parts.push_back(
        table_.narrow(0, 0, grid[axis]).narrow(1, first_pair, axis_pairs_[axis]).reshape(view).expand(shape));
    first_pair += axis_pairs_[axis];
  }
  return at::cat(parts, -1).flatten(0, -2);
}

void RotateInPlace(const at::Tensor& x, const at::Tensor& factors) {
  const int64_t pairs = factors.size(1);
  const at::Tensor turned = x.narrow(-1, 0, 2 * pairs);
  const at::Tensor exact = turned.to(at::kFloat);  // x itself, if it is float32
  at::view_as_complex(exact.unflatten(-1, {pairs, 2})).mul_(factors.unsqueeze(1));
  if (!exact.is_alias_of(turned)) turned.copy_(exact);
}

at::Tensor Rotate(const at::Tensor& x, const at::Tensor& factors) {
  const int64_t pairs = factors.size(1);
  if (x.scalar_type() == at::kFloat && x.size(-1) == 2 * pairs) {  // no copy to write over
    return at::view_as_real(at::view_as_complex(x.unflatten(-1, {pairs, 2})).mul(factors.unsqueeze(1))).flatten(-2);
  }
  at::Tensor result = x.clone();
  RotateInPlace(result, factors);
  return result;
}

}  // namespace ovi
