// What tests of the fused kernels share: they need a GPU and a build with kernels, and are skipped, with the reason,
// where there is none.
#pragma once

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "engine/kernels/current_stream.h"

namespace ovi {

inline at::TensorOptions GpuOptions() { return at::TensorOptions().device(at::kCUDA).dtype(at::kBFloat16); }

// rms(x - expected) / rms(expected), in float64; NaN where either holds one.
inline double RelativeRms(const at::Tensor& x, const at::Tensor& expected) {
  const at::Tensor exact = expected.to(at::kDouble);
  return ((x.to(at::kDouble) - exact).square().mean().sqrt() / exact.square().mean().sqrt()).item<double>();
}

class GpuTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!at::accelerator::getAccelerator() || at::accelerator::deviceCount() == 0)
      GTEST_SKIP() << "there is no GPU here";
    if (!gpu::kHaveKernels) GTEST_SKIP() << "this build has no fused kernels";
  }

 private:
  const c10::InferenceMode no_gradients_;
};

}  // namespace ovi
