#include "engine/sampling/unipc.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/linalg_solve.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <utility>

namespace ovi {
namespace {

constexpr int kOrder = 2;

// The corrector's two weights, [2]: they solve [[1, 1], [ratio, 1]] rho = [b1, b2] in float32.
at::Tensor CorrectorWeights(const at::Tensor& h, const at::Tensor& growth, const at::Tensor& ratio) {
  const at::Tensor phi_1 = growth / -h - 1;
  const at::Tensor phi_2 = phi_1 / -h - 0.5;
  const at::Tensor one = at::ones_like(ratio);
  const at::Tensor matrix = at::stack({at::stack({one, one}), at::stack({ratio, one})});
  return at::linalg_solve(matrix, at::stack({phi_1 / growth, phi_2 * 2 / growth}));
}

}  // namespace

at::Tensor UniPc::Advance(const at::Tensor& velocity, const at::Tensor& sample) {
  const at::Tensor new_data = PredictData(velocity, sample);
  sample_ = step() == 0 ? sample : Correct(new_data);
  earlier_data_ = std::exchange(data_, new_data);
  order_ = std::min({kOrder, steps() - step(), step() + 1});
  return Predict(sample_);
}

at::Tensor UniPc::FirstOrder(int from, int to, const at::Tensor& growth, const at::Tensor& sample) const {
  return (Sigma(to) / Sigma(from)) * sample - (Alpha(to) * growth) * data_;
}

at::Tensor UniPc::Correct(const at::Tensor& new_data) const {
  const int from = step() - 1, to = step();
  const at::Tensor h = Lambda(to) - Lambda(from);
  const at::Tensor growth = at::expm1(-h);
  const at::Tensor change = new_data - data_;
  at::Tensor correction;
  if (order_ == 1) {
    correction = 0.5 * change;
  } else {
    const at::Tensor ratio = (Lambda(from - 1) - Lambda(from)) / h;
    // Rounded to the sample's dtype before they weigh anything, as upstream's are.
    const at::Tensor weights = CorrectorWeights(h, growth, ratio).to(change.scalar_type());
    correction = weights[0] * ((earlier_data_ - data_) / ratio) + weights[1] * change;
  }
  return FirstOrder(from, to, growth, sample_) - (Alpha(to) * growth) * correction;
}

at::Tensor UniPc::Predict(const at::Tensor& sample) const {
  const int from = step(), to = step() + 1;
  const at::Tensor h = Lambda(to) - Lambda(from);
  const at::Tensor growth = at::expm1(-h);
  const at::Tensor first_order = FirstOrder(from, to, growth, sample);
  if (order_ == 1) return first_order;
  const at::Tensor ratio = (Lambda(from - 1) - Lambda(from)) / h;
  return first_order - (Alpha(to) * growth) * (0.5 * ((earlier_data_ - data_) / ratio));
}

}  // namespace ovi
