// What every trial of a kernel does: measure how far it is off, and how long it takes.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <functional>

namespace ovi {

// |out - exact| / |exact| in the Euclidean norm; NaN where `out` holds one. `exact` is float64 on the CPU, `out`
// anything.
double RelativeError(const at::Tensor& out, const at::Tensor& exact);

// The median of five runs, each waited for. Run it once before: the first run of a kernel also loads or searches it.
double MedianMilliseconds(c10::Device device, const std::function<void()>& run);

// Always the same numbers, from a generator of our own: a trial must not move those of whoever runs after it.
at::Generator TrialGenerator(c10::Device device);

}  // namespace ovi
