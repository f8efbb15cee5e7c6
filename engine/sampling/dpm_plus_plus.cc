#include "engine/sampling/dpm_plus_plus.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/reciprocal.h>

#include <utility>

namespace ovi {

// The sums are float32 and the products with predictions have the sample's dtype: upstream widens the sample alone.
at::Tensor DpmPlusPlus::Advance(const at::Tensor& velocity, const at::Tensor& sample) {
  const int i = step();
  const at::Tensor data = PredictData(velocity, sample);
  const at::Tensor previous_data = std::exchange(previous_data_, data);

  const at::Tensor h = Lambda(i + 1) - Lambda(i);
  const at::Tensor coefficient = Alpha(i + 1) * (at::exp(-h) - 1);
  at::Tensor next = (Sigma(i + 1) / Sigma(i)) * sample.to(at::kFloat) - coefficient * data;
  if (i > 0 && i + 1 < steps()) {
    // After a first sigma of 1 the ratio is infinite, its reciprocal 0, and the step of first order by itself.
    const at::Tensor ratio = (Lambda(i) - Lambda(i - 1)) / h;
    next = next - (0.5 * coefficient) * (at::reciprocal(ratio) * (data - previous_data));
  }
  return next.to(data.scalar_type());
}

}  // namespace ovi
