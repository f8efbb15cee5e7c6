#include "engine/sampling/guidance.h"

#include <ATen/TensorOperators.h>

namespace ovi {

at::Tensor Guide(const at::Tensor& positive, const at::Tensor& negative, double scale) {
  return negative + (positive - negative) * scale;
}

}  // namespace ovi
