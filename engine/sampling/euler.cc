#include "engine/sampling/euler.h"

#include <ATen/TensorOperators.h>

namespace ovi {

at::Tensor Euler::Advance(const at::Tensor& velocity, const at::Tensor& sample) {
  // Rounded by hand: upstream keeps these sigmas on the sampling device, where a 0-dim operand takes the kernel's
  // dtype.
  const at::Tensor difference = (Sigma(step() + 1) - Sigma(step())).to(velocity.scalar_type());
  return (sample.to(at::kFloat) + difference * velocity).to(velocity.scalar_type());
}

}  // namespace ovi
