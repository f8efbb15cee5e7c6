#include "engine/fusion/head.h"

#include <functional>
#include <numeric>

namespace ovi {
namespace {

int64_t NumbersInPatch(const TowerConfig& config) {
  return std::accumulate(config.patch_size.begin(), config.patch_size.end(), config.out_dim, std::multiplies<>());
}

}  // namespace

Head::Head(const WeightScope& tower, const TowerConfig& config)
    : modulation_(tower.Sub("head").Take("modulation", {1, 2, config.dim})),
      linear_(tower.Sub("head").Sub("head"), config.dim, NumbersInPatch(config)),
      eps_(config.eps) {}

at::Tensor Head::Forward(ResidualStream& x, const at::Tensor& e, int64_t clean_tokens) const {
  const at::Tensor rows = modulation_.add(e.unsqueeze(1));  // [R, 2, dim]
  return linear_.Forward(x.Modulated(rows.select(1, 0), rows.select(1, 1).add(1), clean_tokens, eps_));
}

}  // namespace ovi
