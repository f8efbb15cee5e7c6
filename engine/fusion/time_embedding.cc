#include "engine/fusion/time_embedding.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/stack.h>

#include <vector>

namespace ovi {

TimeEmbedding::TimeEmbedding(const WeightScope& tower, const TowerConfig& config)
    : first_(tower.Sub("time_embedding").Sub(0), config.freq_dim, config.dim),
      second_(tower.Sub("time_embedding").Sub(2), config.dim, config.dim),
      projection_(tower.Sub("time_projection").Sub(1), config.dim, 6 * config.dim),
      dim_(config.dim) {
  const int64_t half = config.freq_dim / 2;
  frequencies_ =
      at::pow(10000.0, at::arange(half, at::kDouble).neg().div(static_cast<double>(half))).to(tower.placement().device);
}

at::Tensor TimeEmbedding::Sinusoid(std::span<const double> timesteps) const {
  std::vector<at::Tensor> rows;
  for (const double timestep : timesteps) rows.push_back(frequencies_.mul(timestep));
  const at::Tensor angles = at::stack(rows);
  return at::cat({at::cos(angles), at::sin(angles)}, 1);
}

TimeRows TimeEmbedding::Forward(std::span<const double> timesteps) const {
  const at::Tensor hidden = first_.Forward(Sinusoid(timesteps).to(first_.dtype()));
  TimeRows rows;
  rows.e = second_.Forward(at::silu(hidden));
  rows.e0 = projection_.Forward(at::silu(rows.e)).unflatten(1, {6, dim_});
  return rows;
}

}  // namespace ovi
