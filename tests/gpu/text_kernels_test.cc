// The text encoder's kernels against their twins.
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <gtest/gtest.h>

#include "engine/checkpoint/bundle.h"
#include "engine/checkpoint/tensor_file.h"
#include "engine/kernels/text_ops.h"
#include "engine/text/relative_position.h"
#include "engine/text/umt5_encoder.h"
#include "tests/gpu/gpu_test.h"
#include "tests/unit/relative_difference.h"

namespace ovi {
namespace {

constexpr double kUlp = 0x1p-7;  // of bfloat16, relative, at the most

class TextKernelsTest : public GpuTest {
 protected:
  TextKernelsTest() : GpuTest(5) {}
};

double LargestBeyond(const at::Tensor& x, const at::Tensor& expected, double relative) {
  const at::Tensor wide = expected.to(at::kDouble);
  return ((x.to(at::kDouble) - wide).abs() - relative * wide.abs()).max().item<double>();
}

// The sum rounds once on both sides. The float32 root differs by its order of summation, some dim / 2 * 2^-24, which
// can tip the rounding of the norm by an ulp, and that of its product with the weight by another.
TEST_F(TextKernelsTest, AddedAndNormedAsByOperations) {
  for (const int64_t dim : {8, 64, 128, 4096, 8192}) {
    for (const bool adds : {false, true}) {
      SCOPED_TRACE(testing::Message() << dim << (adds ? " with" : " without") << " an addend");
      at::Tensor x = Random({2, 5, dim});
      const at::Tensor addend = adds ? Random({2, 5, dim}) : at::Tensor(), weight = Random({dim});
      const at::Tensor sum = adds ? x + addend : x.clone();
      const at::Tensor root = (sum.to(at::kFloat).square().mean(-1, true) + 1e-6).rsqrt();
      const at::Tensor expected = weight * (sum * root).to(at::kBFloat16);

      const at::Tensor out = gpu::AddThenRmsNorm(x, addend, weight, 1e-6);

      EXPECT_TRUE(at::equal(x, sum));
      EXPECT_LE(LargestBeyond(out, expected, 2 * kUlp), 0);
    }
  }
}

// Every operation is a function of one or two bfloat16 numbers, so all finite gates are tried and must agree to the
// bit.
TEST_F(TextKernelsTest, TheGateIsThatOfSeparateOperationsForEveryNumber) {
  const at::Tensor every = at::arange(-32768, 32768, at::kLong).to(at::kShort).view(at::kBFloat16).to(device_);
  const at::Tensor gate = every.masked_select(every.isfinite()).unsqueeze(0), second = Random(gate.sizes());
  for (const at::Tensor& other : {at::ones_like(gate), second}) {
    const at::Tensor out = gpu::GatedGelu(at::cat({gate, other}, 1)), expected = Umt5GatedGelu(gate, other);
    EXPECT_TRUE(at::equal(out, expected)) << out.ne(expected).sum().item<int64_t>() << " of " << gate.numel();
  }
}

// Scores are rounded alike, so only the float32 exponential (2^-21 for arguments to -90, as it scales with them), its
// sum and the quotient differ: they can tip the last rounding, one ulp. Shares below float32's smallest are 0 on one
// side.
TEST_F(TextKernelsTest, SoftmaxAddsTheBiasOfTheDistance) {
  constexpr int64_t kBuckets = 32, kHeads = 3;
  for (const int64_t length : {1, 7, 37, 256, 300, 512, 777, 1024}) {
    for (const bool masks : {false, true}) {
      SCOPED_TRACE(testing::Message() << length << " tokens" << (masks ? ", masked" : ""));
      const at::Tensor scores = gpu::EmptyScores(kHeads, length, Random({1}));
      scores.copy_(Random({kHeads, length, length}) * 4);
      const at::Tensor table = Random({kBuckets, kHeads});
      const at::Tensor buckets = SequenceBuckets(length, kBuckets).to(device_);
      at::Tensor keep;
      if (masks) {
        keep = at::rand({length}).gt(0.3).to(device_);
        keep[0] = true;
      }
      const at::Tensor bias =
          Umt5MaskedBias(Umt5PositionBias(table, buckets), masks ? keep.logical_not() : at::Tensor());
      const at::Tensor expected = Umt5Softmax(scores, bias.squeeze(0));
      const at::Tensor distances = at::arange(1 - length, length, at::kLong);

      gpu::BiasSoftmax(scores, table, RelativePositionBuckets(distances, kBuckets).to(at::kByte).to(device_), keep);

      EXPECT_LE(LargestBeyond(scores, expected, kUlp), 1e-30);
    }
  }
}

// Two bfloat16 runs that round at the same places: they part where a sum's order tips a rounding, and then by as much
// as bfloat16 itself loses against float32. Half of that is the margin that text_umt5_test gives two CPUs.
TEST_F(TextKernelsTest, AnEncodedPromptIsThatOfSeparateOperations) {
  const BundleConfig bundle = OpenBundle(OVI_SOURCE_DIR "/models/demo").value();
  const auto hidden = [&](c10::Device device, at::ScalarType dtype, const at::Tensor& ids, const at::Tensor& mask) {
    Weights weights(OpenTensorFile(bundle.text_encoder_file).value(),
                    {.device = device, .stored = dtype, .compute = dtype});
    const Umt5Encoder encoder(weights.Root(), bundle.text_encoder);
    EXPECT_TRUE(weights.Finish().ok()) << weights.Finish();
    return encoder.Forward(ids.to(device), mask.to(device)).cpu().to(at::kFloat);
  };
  const at::Tensor ids = at::randint(4, bundle.text_encoder.vocab_size, {3, 77}, at::kLong);
  const at::Tensor mask = at::ones_like(ids);
  mask[1].narrow(0, 50, 27).zero_();
  const c10::Device cpu(c10::kCPU);
  const at::Tensor exact = hidden(cpu, at::kFloat, ids, mask), by_ops = hidden(cpu, at::kBFloat16, ids, mask);

  const at::Tensor fused = hidden(device_, at::kBFloat16, ids, mask);

  for (int64_t i = 0; i < ids.size(0); ++i) {
    const int64_t length = mask[i].sum().item<int64_t>();
    const auto rows = [&](const at::Tensor& x) { return x[i].narrow(0, 0, length); };
    const double loss = RelativeDifference(rows(by_ops), rows(exact));
    EXPECT_LE(RelativeDifference(rows(fused), rows(exact)), 1.5 * loss);
    EXPECT_LE(RelativeDifference(rows(fused), rows(by_ops)), loss);
  }
}

}  // namespace
}  // namespace ovi
