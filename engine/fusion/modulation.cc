#include "engine/fusion/modulation.h"

#include <ATen/ops/addcmul.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/stack.h>

namespace ovi {
namespace {

// Calls `apply(tokens, row)` for each run of tokens of x that share a row.
template <typename Apply>
void ForEachRun(const at::Tensor& x, int64_t rows, int64_t clean_tokens, Apply&& apply) {
  if (rows == 1) {
    apply(int64_t{0}, x.size(1), int64_t{0});
    return;
  }
  apply(int64_t{0}, clean_tokens, int64_t{0});
  apply(clean_tokens, x.size(1) - clean_tokens, int64_t{1});
}

}  // namespace

at::Tensor ModulatedNorm(const at::Tensor& x, const at::Tensor& shift, const at::Tensor& scale, int64_t clean_tokens,
                         double eps) {
  const int64_t dim = x.size(-1);
  const bool exact = x.scalar_type() == at::kFloat;
  // One row in float32: scale and shift are the weight and bias of a layer norm, one kernel for all.
  if (exact && shift.size(0) == 1) return at::layer_norm(x, {dim}, scale[0], shift[0], eps);
  at::Tensor y = at::layer_norm(x, {dim}, {}, {}, eps);
  ForEachRun(y, shift.size(0), clean_tokens, [&](int64_t start, int64_t count, int64_t row) {
    at::Tensor part = y.narrow(1, start, count);
    if (exact) {
      at::addcmul_out(part, shift[row], part, scale[row]);
    } else {
      part.mul_(scale[row]).add_(shift[row]);  // two roundings, as upstream
    }
  });
  return y;
}

void AddGated(at::Tensor& x, at::Tensor& y, const at::Tensor& gate, int64_t clean_tokens) {
  ForEachRun(x, gate.size(0), clean_tokens, [&](int64_t start, int64_t count, int64_t row) {
    at::Tensor part = x.narrow(1, start, count);
    at::Tensor addend = y.narrow(1, start, count);
    if (x.scalar_type() == at::kFloat) {
      part.addcmul_(addend, gate[row]);
    } else {
      part.add_(addend.mul_(gate[row]));  // two roundings, as upstream
    }
  });
}

TowerModulation::TowerModulation(const WeightScope& tower, int64_t num_layers, int64_t dim) {
  std::vector<at::Tensor> learned;
  for (int64_t i = 0; i < num_layers; ++i) {
    learned.push_back(tower.Sub("blocks").Sub(i).Sub("modulation").Take("modulation", {1, 6, dim}));
  }
  learned_ = at::stack(learned);
}

std::vector<BlockModulation> TowerModulation::Forward(const at::Tensor& e0, int64_t clean_tokens) const {
  const at::Tensor all = learned_.add(e0);  // [num_layers, R, 6, dim]
  all.select(2, 1).add_(1);
  all.select(2, 4).add_(1);
  std::vector<BlockModulation> blocks;
  for (int64_t i = 0; i < all.size(0); ++i) {
    const std::vector<at::Tensor> m = all[i].unbind(1);
    blocks.push_back({m[0], m[1], m[2], m[3], m[4], m[5], clean_tokens});
  }
  return blocks;
}

}  // namespace ovi
