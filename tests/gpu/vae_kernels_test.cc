// The video VAE's kernels against their twins, and the decoder made of them against the goldens' decoder in float32.
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "engine/checkpoint/bundle.h"
#include "engine/kernels/vae_ops.h"
#include "engine/media/frames.h"
#include "engine/video_vae/patches.h"
#include "engine/video_vae/pending_sum.h"
#include "engine/video_vae/video_vae.h"
#include "tests/gpu/gpu_test.h"
#include "tests/unit/relative_difference.h"

namespace ovi {
namespace {

constexpr double kHalfUlp = 0x1p-8;  // of bfloat16, relative: what one rounding can do

class VaeKernelsTest : public GpuTest {
 protected:
  at::Tensor Activation(at::IntArrayRef sizes) const {
    return Random(sizes).contiguous(at::MemoryFormat::ChannelsLast3d);
  }
};

at::Tensor PerChannel(const at::Tensor& x) { return x.reshape({1, -1, 1, 1, 1}).to(at::kDouble); }

// The sum is three float32 additions of bfloat16 numbers and one rounding, on both sides. Its norm and SiLU lose some
// (C / 2 + 20) 2^-24 in float32, which for these widths is below 2^-13 and can only tip the one rounding at the end:
// one ulp, of which half is allowed for anyhow. Positions written elsewhere than they belong are off by 1.
TEST_F(VaeKernelsTest, SumNormAndSiluMatchTensorOperations) {
  for (const int64_t channels : {8, 24, 160, 256, 320, 512, 640, 1024}) {
    for (const int inputs : {1, 2, 3}) {  // x; with bias; with addend too
      SCOPED_TRACE(testing::Message() << channels << " channels, " << inputs << " inputs");
      const std::vector<int64_t> sizes = {1, channels, 3, 5, 7};
      at::Tensor x = Activation(sizes);
      x.select(3, 1).zero_();  // a norm of nothing is kept above the smallest
      PendingSum sum{.x = x};
      if (inputs > 1) sum.bias = Random({channels});
      if (inputs > 2) sum.addend = Activation(sizes);
      const at::Tensor gamma = Random({channels});
      const at::Tensor expected_sum = at::empty_like(x);
      SettleByOps(sum, expected_sum);
      const at::Tensor wide = expected_sum.to(at::kDouble);
      const at::Tensor norm = at::linalg_vector_norm(wide, 2, at::IntArrayRef{1}, /*keepdim=*/true).clamp_min(1e-12);
      const at::Tensor normalised = wide / norm * std::sqrt(static_cast<double>(channels)) * PerChannel(gamma);
      const at::Tensor expected = normalised * at::sigmoid(normalised);

      // Into the last three frames of five, as the causal convolutions have it.
      const at::Tensor window = Activation({1, channels, 5, 5, 7}), before = window.clone();
      const at::Tensor out = window.narrow(2, 2, 3), settled = at::empty_like(x);
      gpu::NormSilu(
          {.x = x, .bias = sum.bias, .addend = sum.addend, .gamma = gamma.reshape({-1}), .sum = settled, .out = out},
          1e-12);

      EXPECT_TRUE(at::equal(settled, expected_sum));
      const at::Tensor error = (out.to(at::kDouble) - expected).abs() - 1.1 * kHalfUlp * expected.abs();
      EXPECT_LE(error.max().item<double>(), 1e-5);
      EXPECT_TRUE(at::equal(window.narrow(2, 0, 2), before.narrow(2, 0, 2)));
    }
  }
}

TEST_F(VaeKernelsTest, EnlargingInterleavesAndRepeatsExactly) {
  struct Shape {
    int64_t in, out, time_factor;
  };
  for (const Shape& shape : {Shape{16, 16, 2}, Shape{64, 32, 1}, Shape{1024, 512, 1}, Shape{16, 8, 2}}) {
    SCOPED_TRACE(testing::Message() << shape.in << " to " << shape.out);
    const int64_t frames = 2, height = 3, width = 5, positions = 4 * shape.time_factor;
    const int64_t repeats = shape.out * positions / shape.in;
    const at::Tensor four = Activation({1, 4 * shape.out, frames, height + 1, width + 1});
    const at::Tensor shortcut = Activation({1, shape.in, frames, height, width}), bias = Random({shape.out});
    const at::Tensor out = Activation({1, shape.out, frames * shape.time_factor, 2 * height, 2 * width});
    for (int64_t t = 0; t < shape.time_factor; ++t) {
      gpu::Enlarge({.four = four, .bias = bias, .shortcut = shortcut, .out = out},
                   {.positions = positions, .first_position = 4 * t, .repeats = repeats}, t, shape.time_factor);
      for (int64_t pixel = 0; pixel < 4; ++pixel) {
        const int64_t row = pixel / 2, column = pixel % 2;
        std::vector<int64_t> sources;
        for (int64_t c = 0; c < shape.out; ++c) sources.push_back((c * positions + 4 * t + pixel) / repeats);
        const at::Tensor repeated = at::index_select(shortcut, 1, at::tensor(sources, at::kLong).to(device_));
        const at::Tensor from =
            four.narrow(1, pixel * shape.out, shape.out).narrow(3, row, height).narrow(4, column, width);
        const at::Tensor expected =
            (from.to(at::kFloat) + bias.to(at::kFloat).reshape({1, -1, 1, 1, 1}) + repeated).to(at::kBFloat16);
        const at::Tensor pixels =
            out.slice(2, t, out.size(2), shape.time_factor).slice(3, row, 2 * height, 2).slice(4, column, 2 * width, 2);
        EXPECT_TRUE(at::equal(pixels, expected)) << t << " " << pixel;
      }
    }
  }
}

TEST_F(VaeKernelsTest, PixelsAreThoseOfToRgbFrames) {
  at::Tensor x = Activation({1, 12, 3, 5, 7});
  x[0][0][0][0][0] = std::numeric_limits<float>::quiet_NaN();
  x[0][5][1][2][3] = std::numeric_limits<float>::infinity();
  const at::Tensor rgb = at::zeros({3, 10, 14, 3}, at::TensorOptions(device_).dtype(at::kByte));
  ASSERT_TRUE(gpu::CanFuseRgb(x));

  gpu::ToRgb(x, rgb);

  EXPECT_TRUE(at::equal(rgb.cpu(), ToRgbFrames(Unpatchify(x))));
}

// What docs/parity.md allows bfloat16 frames of this decoder: 2^17 times what float32 loses, which the goldens state
// ten times over: 9.5e-6 / 10 * 2^17. NextRgb has the very same numbers: the two differ in nothing but the last pass.
TEST_F(VaeKernelsTest, ADecodedClipIsThatOfTheCpuInFloat32) {
  const BundleConfig bundle = OpenBundle(OVI_SHARED_DIR "/goldens/tiny-bundle").value();
  const VideoVae exact = LoadVideoVae(bundle.video_vae_file, bundle.video_vae, {}).value();
  const VideoVae fused = LoadVideoVae(bundle.video_vae_file, bundle.video_vae,
                                      {.device = device_, .stored = at::kBFloat16, .compute = at::kBFloat16})
                             .value();
  const at::Tensor latent = at::randn({1, 48, 6, 4, 6});
  for (const int64_t group_frames : {1, 2, 5}) {
    SCOPED_TRACE(group_frames);
    VideoDecodeStream cpu = exact.decoder.Start(latent, group_frames).value();
    VideoDecodeStream floats = fused.decoder.Start(latent, group_frames).value();
    VideoDecodeStream bytes = fused.decoder.Start(latent, group_frames).value();
    while (const std::optional<at::Tensor> expected = cpu.Next()) {
      const at::Tensor frames = floats.Next().value();
      EXPECT_LE(RelativeDifference(frames.cpu(), *expected), 9.5e-6 / 10 * 0x1p17);
      EXPECT_TRUE(at::equal(bytes.NextRgb().value(), ToRgbFrames(frames)));
      EXPECT_EQ(bytes.frames_left(), cpu.frames_left());
    }
    EXPECT_FALSE(bytes.NextRgb().has_value());
  }
}

}  // namespace
}  // namespace ovi
