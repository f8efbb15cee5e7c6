// The transformer's fused kernels against the separate operations that they stand for (engine/fusion), on a GPU.
#include <ATen/TensorOperators.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/polar.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/rms_norm.h>
#include <gtest/gtest.h>

#include <vector>

#include "engine/checkpoint/config.h"
#include "engine/fusion/modulation.h"
#include "engine/fusion/norms.h"
#include "engine/fusion/rope.h"
#include "engine/kernels/tower_ops.h"
#include "tests/gpu/gpu_test.h"
#include "tests/unit/relative_difference.h"

namespace ovi {
namespace {

// In float64; NaN where either holds one.
double RelativeRms(const at::Tensor& x, const at::Tensor& expected) {
  return RelativeDifference(x.to(at::kDouble), expected.to(at::kDouble));
}

// Kernel and twin do the same operations and round at the same places. They add up a row in another order, so a sum of
// n float32 numbers may differ by n u, u = 2^-24, relative to the sum of magnitudes; that moves a value across a
// rounding boundary of bfloat16 now and then, by one ulp (2^-8 relative), which later roundings pass on. With rows of
// up to 3072 the norm is off by at most 3072 * 2^-24 = 2^-12.4, so at most a share of 2^-12.4 / 2^-8 = 1 in 21 numbers
// may cross, and each by one ulp: relative rms <= sqrt(1 / 21) * 2^-8 = 8.5e-4 per rounding, three roundings at
// most: 2.6e-3. Seen failing: a forgotten rounding between norm and scale gives 2.9e-3; a rotation by the next token's
// angle 0.4.
constexpr double kLimit = 2.6e-3;

struct Size {
  int64_t batch, tokens, heads, head_dim, clean;
};
const std::vector<Size> kSizes = {
    {1, 3, 2, 8, 0}, {1, 157, 24, 128, 0}, {2, 33, 4, 40, 5}, {1, 4099, 24, 128, 484}, {1, 5, 130, 128, 2}};

class TowerKernels : public GpuTest, public testing::WithParamInterface<Size> {
 protected:
  int64_t dim() const { return GetParam().heads * GetParam().head_dim; }
  int64_t rows() const { return GetParam().clean > 0 ? 2 : 1; }
  at::Tensor Numbers(at::IntArrayRef shape) const { return Random(shape) * 2; }
  at::Tensor Tokens() const { return Numbers({GetParam().batch, GetParam().tokens, dim()}); }
};

TEST_P(TowerKernels, AddGatedThenModulatedNormIsTheTwoOfThem) {
  const at::Tensor x = Tokens(), y = Tokens(), modulation = Numbers({rows(), 3, dim()});
  const at::Tensor gate = modulation.select(1, 0), scale = modulation.select(1, 1), shift = modulation.select(1, 2);
  at::Tensor expected_x = x.clone(), used_up = y.clone();
  AddGated(expected_x, used_up, gate, GetParam().clean);
  const at::Tensor expected = ModulatedNorm(expected_x, shift, scale, GetParam().clean, 1e-6);
  ASSERT_TRUE(gpu::CanFuse(x));
  const gpu::NormPair got = gpu::AddThenNorm(x, y, gate, GetParam().clean,
                                             {.scale = scale, .shift = shift, .rounds_between = true, .eps = 1e-6});
  EXPECT_TRUE(x.equal(expected_x));
  EXPECT_LE(RelativeRms(got.first, expected), kLimit);
  EXPECT_FALSE(got.second.defined());
}

TEST_P(TowerKernels, TwoLayerNormsShareOnePass) {
  const at::Tensor x = Tokens(), y = Tokens(), before = x.clone();
  const at::Tensor w1 = Numbers({dim()}), b1 = Numbers({dim()}), w2 = Numbers({dim()}), b2 = Numbers({dim()});
  const gpu::NormPair got =
      gpu::AddThenNorm(x, y, {}, 0, {.scale = w1, .shift = b1, .eps = 1e-6}, {.scale = w2, .shift = b2, .eps = 1e-5});
  EXPECT_TRUE(x.equal(before + y));
  EXPECT_LE(RelativeRms(got.first, at::layer_norm(x, {dim()}, w1, b1, 1e-6)), kLimit);
  EXPECT_LE(RelativeRms(got.second, at::layer_norm(x, {dim()}, w2, b2, 1e-5)), kLimit);
}

TEST_P(TowerKernels, NormThenRopeIsTheTwoOfThem) {
  const Size& size = GetParam();
  const at::Tensor x = Tokens(), weight = Numbers({dim()});
  const int64_t pairs = size.head_dim / 2 - (size.clean > 0 ? 1 : 0);  // all of a head, or nearly
  const at::Tensor angles = at::rand({size.tokens, pairs}).to(device_) * 6.3;
  const at::Tensor factors = at::polar(at::ones_like(angles), angles);
  const at::Tensor normed = at::rms_norm(x, {dim()}, {}, 1e-6).mul_(weight);
  const at::Tensor expected = Rotate(normed.unflatten(-1, {size.heads, size.head_dim}), factors).flatten(2);

  const gpu::NormAndTurned both = gpu::NormAndRope(x.clone(), weight, factors, size.head_dim, 1e-6);
  EXPECT_LE(RelativeRms(both.norm, normed), kLimit);
  EXPECT_LE(RelativeRms(both.turned, expected), kLimit);
  EXPECT_TRUE(gpu::NormRopeInPlace(x, weight, factors, size.head_dim, 1e-6).equal(both.turned));
}

INSTANTIATE_TEST_SUITE_P(Sizes, TowerKernels, testing::ValuesIn(kSizes));

}  // namespace
}  // namespace ovi
