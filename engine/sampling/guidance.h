// Classifier-free guidance.
#pragma once

#include <ATen/core/Tensor.h>

namespace ovi {

// negative + scale (positive - negative): three operations, each rounding to the dtype of its operands.
at::Tensor Guide(const at::Tensor& positive, const at::Tensor& negative, double scale);

}  // namespace ovi
