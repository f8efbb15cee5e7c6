// |a - b| / |b| in the Euclidean norm: how far two tensors of one shape are apart.
#pragma once

#include <ATen/core/Tensor.h>

namespace ovi {

inline double RelativeDifference(const at::Tensor& a, const at::Tensor& b) {
  return a.sub(b).norm().item<double>() / b.norm().item<double>();
}

}  // namespace ovi
