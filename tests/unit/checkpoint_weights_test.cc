// Weights: what becomes of a tensor on its way in, and one error for all that does not fit.
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/checkpoint/weights.h"
#include "tests/unit/checkpoint_files.h"

namespace ovi {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class WeightsTest : public testing::Test {
 protected:
  std::shared_ptr<const TensorFile> FileOf(const std::map<std::string, at::Tensor>& tensors) {
    const std::string path = folder_ / "model.safetensors";
    EXPECT_TRUE(WriteSafetensors(path, tensors).ok());
    return *OpenTensorFile(path);
  }

 private:
  TemporaryFolder folder_;
};

// 1 + 2^-10 needs 11 significant bits: float16 and float32 keep it, bfloat16 (8) makes it 1.
const double kFine = 1 + 0x1p-10;

TEST_F(WeightsTest, ATensorIsRoundedToStoredAndHeldAsCompute) {
  Weights weights(FileOf({{"blocks.3.weight", at::full({2}, kFine)}}),
                  {.stored = at::kBFloat16, .compute = at::kFloat});

  const at::Tensor taken = weights.Root().Sub("blocks").Sub(3).Take("weight", {2});

  EXPECT_EQ(taken.scalar_type(), at::kFloat);
  EXPECT_EQ(taken[0].item<double>(), 1);
  EXPECT_TRUE(weights.Finish().ok());
}

TEST_F(WeightsTest, TakeFloatAndTakeRawDoNotRound) {
  Weights weights(FileOf({{"a", at::full({2}, kFine)}, {"b", at::full({2}, kFine, at::kHalf)}}),
                  {.stored = at::kBFloat16, .compute = at::kBFloat16});

  const at::Tensor taken = weights.Root().TakeFloat("a", {2}), raw = weights.Root().TakeRaw("b", {2});

  EXPECT_EQ(taken.scalar_type(), at::kFloat);
  EXPECT_EQ(taken[0].item<double>(), kFine);
  EXPECT_EQ(raw.scalar_type(), at::kFloat);
  EXPECT_EQ(raw[0].item<double>(), kFine);
  const at::Tensor placed = weights.Root().Place(raw);
  EXPECT_EQ(placed.scalar_type(), at::kBFloat16);
  EXPECT_EQ(placed[0].item<double>(), 1);
}

TEST_F(WeightsTest, FloatEightIsWidened) {
  Weights weights(FileOf({{"a", at::arange(4, at::kFloat).to(at::kFloat8_e4m3fn)}}),
                  {.stored = at::kBFloat16, .compute = at::kBFloat16});

  EXPECT_TRUE(at::equal(weights.Root().Take("a", {4}), at::arange(4, at::kFloat).to(at::kBFloat16)));
}

TEST_F(WeightsTest, IntegersKeepTheirType) {
  Weights weights(FileOf({{"ids", at::arange(4)}}), {.stored = at::kBFloat16, .compute = at::kBFloat16});

  EXPECT_EQ(weights.Root().Take("ids", {4}).scalar_type(), at::kLong);
}

TEST_F(WeightsTest, OneErrorNamesAllThatDoesNotFit) {
  Weights weights(FileOf({{"good", at::ones({2})}, {"tall", at::ones({3, 4})}, {"extra", at::ones({1})}}), {});
  const WeightScope root = weights.Root();
  root.Take("good", {2});
  root.Take("tall", {4, 4});
  root.Sub("a").Take("b", {2});
  root.TakeFloat("c", {2});

  const absl::Status status = weights.Finish();

  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("model.safetensors: 2 tensors missing (a.b, c)"), HasSubstr("1 unexpected (extra)"),
                    HasSubstr("1 misshapen (tall: file [3, 4], model [4, 4])"), Not(HasSubstr("good"))));
}

TEST_F(WeightsTest, ALongListIsCutAndCounted) {
  Weights weights(FileOf({{"a", at::ones({1})}}), {});
  weights.Root().Take("a", {1});
  for (int64_t i = 0; i < 25; ++i) weights.Root().Sub(i).Take("w", {1});

  EXPECT_THAT(std::string(weights.Finish().message()),
              AllOf(HasSubstr("25 tensors missing"), HasSubstr("19.w and 5 more"), Not(HasSubstr("20.w"))));
}

// A wrong file lacks everything: 11 billion parameters' worth of zeros must cost nothing.
TEST_F(WeightsTest, WhatIsMissingHasItsShapeAndTypeButNoMemory) {
  Weights weights(FileOf({}), {.stored = at::kBFloat16, .compute = at::kBFloat16});

  const at::Tensor taken = weights.Root().Take("w", {1 << 20, 1 << 20});

  EXPECT_EQ(taken.sizes(), at::IntArrayRef({1 << 20, 1 << 20}));
  EXPECT_EQ(taken.scalar_type(), at::kBFloat16);
  EXPECT_LE(taken.storage().nbytes(), 16u);
  EXPECT_FALSE(weights.Finish().ok());
}

TEST(WeightsWithoutAFileTest, WhatIsTakenIsNotedAndHasNoMemory) {
  TensorShapes shapes;
  Weights weights(&shapes);
  const WeightScope scope = weights.Root().Sub("blocks").Sub(3);

  const at::Tensor taken = scope.Take("weight", {1 << 20, 1 << 20}), raw = scope.TakeRaw("raw", {1 << 20, 1 << 20});

  EXPECT_TRUE(taken.is_meta());
  EXPECT_LE(raw.storage().nbytes(), 16u);
  EXPECT_FALSE(scope.Has("weight"));
  EXPECT_EQ(shapes, (TensorShapes{{"blocks.3.raw", {1 << 20, 1 << 20}}, {"blocks.3.weight", {1 << 20, 1 << 20}}}));
  EXPECT_TRUE(weights.Finish().ok());
}

TEST_F(WeightsTest, AnIgnoredScopeMayBeLeftUnused) {
  Weights weights(FileOf({{"encoder.a", at::ones({1})}, {"encoderless", at::ones({1})}}), {});
  weights.Root().Sub("encoder").Ignore();
  EXPECT_TRUE(weights.Root().Has("encoder.a"));
  EXPECT_FALSE(weights.Root().Has("encoder.b"));

  EXPECT_THAT(std::string(weights.Finish().message()),
              AllOf(HasSubstr("1 unexpected (encoderless)"), Not(HasSubstr("encoder.a"))));
}

}  // namespace
}  // namespace ovi
