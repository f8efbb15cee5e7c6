// What tests of the fused kernels share: they need a GPU and a build with kernels, and are skipped, with the reason,
// where there is none.
#pragma once

#include <ATen/Context.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include "engine/device/device.h"
#include "engine/kernels/current_stream.h"

namespace ovi {

class GpuTest : public testing::Test {
 protected:
  explicit GpuTest(uint64_t seed = 4) : seed_(seed) {}
  void SetUp() override {
    const auto device = ParseDevice("cuda");
    if (!device.ok()) GTEST_SKIP() << "no GPU: " << device.status().message();
    device_ = *device;
    if (!gpu::kHaveKernels) GTEST_SKIP() << "this build has no fused kernels";
    at::manual_seed(seed_);
  }
  // Standard normal numbers in bfloat16.
  at::Tensor Random(at::IntArrayRef sizes) const { return at::randn(sizes).to(device_, at::kBFloat16); }

  const uint64_t seed_;  // of the random numbers
  const c10::InferenceMode inference_;
  c10::Device device_ = c10::Device(c10::kCPU);
};

}  // namespace ovi
