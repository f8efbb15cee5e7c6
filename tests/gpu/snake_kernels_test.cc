// The vocoder's fused activation against its twin.
#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isnan.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <limits>

#include "engine/audio_vae/anti_aliased_snake.h"
#include "engine/kernels/snake_ops.h"
#include "tests/gpu/gpu_test.h"
#include "tests/unit/audio_test_weights.h"
#include "tests/unit/relative_difference.h"

namespace ovi {
namespace {

class SnakeKernelsTest : public GpuTest {
 protected:
  static constexpr int64_t kChannels = 24;

  SnakeKernelsTest() : GpuTest(6) {}

  void SetUp() override {
    GpuTest::SetUp();
    alpha_ = at::randn({kChannels}).to(at::kBFloat16).to(at::kFloat);
    beta_ = at::randn({kChannels}).mul(0.3).to(at::kBFloat16).to(at::kFloat);
  }
  // alpha and beta are logarithms. The taps are rounded to bfloat16 first, so that both placements compute with the
  // same.
  AntiAliasedSnake Snake(const Placement& placement) const {
    const at::Tensor taps = KaiserLowPass().to(at::kBFloat16).to(at::kFloat);
    Weights weights = WeightsFrom(
        {{"act.alpha", alpha_}, {"act.beta", beta_}, {"upsample.filter", taps}, {"downsample.lowpass.filter", taps}},
        placement);
    AntiAliasedSnake snake(weights.Root(), kChannels, /*log_scale=*/true);
    EXPECT_TRUE(weights.Finish().ok()) << weights.Finish();
    return snake;
  }
  Placement Fused() const { return {.device = device_, .stored = at::kBFloat16, .compute = at::kBFloat16}; }

  at::Tensor alpha_, beta_;
};

// Both forms round the same three values to bfloat16, each by up to 2^-9 of itself and 2^-9 / sqrt(3) in the mean, and
// differ in nothing else that size: float32 sums in another order, a sine off by 2^-20. So the kernel may be off from
// the float32 form, whose taps and parameters are the same numbers, by a tenth more than the twin, and from the twin by
// no more than two independent roundings of each.
TEST_F(SnakeKernelsTest, IsAsNearToFloat32AsTheOperationsAre) {
  const AntiAliasedSnake exact = Snake({}), snake = Snake(Fused());
  for (const int64_t length : {1, 2, 5, 11, 511, 1023, 1024, 1025, 1030, 5024}) {
    SCOPED_TRACE(length);
    const at::Tensor x = at::randn({2, kChannels, length}).mul(2).to(at::kBFloat16);
    const at::Tensor expected = exact.ForwardByOps(x.to(at::kFloat));
    const at::Tensor by_ops = snake.ForwardByOps(x.to(device_)).cpu().to(at::kFloat);

    const at::Tensor fused = snake.Forward(x.to(device_)).cpu().to(at::kFloat);

    const double loss = RelativeDifference(by_ops, expected);
    EXPECT_LE(RelativeDifference(fused, expected), 1.1 * loss + 1e-3);
    EXPECT_LE(RelativeDifference(fused, by_ops), 1.5 * loss + 1e-3);
  }
}

TEST_F(SnakeKernelsTest, WhatIsNotANumberStaysSo) {
  const AntiAliasedSnake snake = Snake(Fused());
  at::Tensor x = at::full({1, kChannels, 3000}, 0.3).to(device_, at::kBFloat16);
  x[0][3][1024] = std::numeric_limits<float>::quiet_NaN();

  const at::Tensor spoiled = at::isnan(snake.Forward(x));

  EXPECT_TRUE(at::equal(spoiled, at::isnan(snake.ForwardByOps(x))));
  EXPECT_TRUE(spoiled[0][3][1024].item<bool>());
}

}  // namespace
}  // namespace ovi
