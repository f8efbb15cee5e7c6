#include <ATen/ops/conv3d.h>
#include <ATen/ops/zeros_like.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/device/convolution_backend.h"

namespace ovi {
namespace {

using ::testing::HasSubstr;

const c10::Device kCpu(c10::kCPU);
const std::string kMiopen = "MIOpen";
// What ROCm 10's wheels answer for every solver (ROCm/MIOpen#3964).
const absl::Status kNoSolver = absl::InternalError("unavailable: miopenStatusUnknownError: elapsed <= 0");

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

at::Tensor Right(const at::Tensor& x, const at::Tensor& weight) { return at::conv3d(x, weight); }

TEST(ConvolutionSelectionTest, TheFasterServes) {
  EXPECT_EQ(SelectConvolution("auto", kMiopen, 520.0, 1.9)->backend, ConvolutionBackend::kNative);  // a naive solver
  const auto selection = SelectConvolution("auto", "cuDNN 9.10.2", 0.08, 1.9);
  ASSERT_TRUE(selection.ok()) << selection.status();
  EXPECT_EQ(selection->backend, ConvolutionBackend::kVendor);
  EXPECT_EQ(selection->line,
            "convolution: cuDNN 9.10.2, 0.08 ms for a 3-D sample (native takes 1.90); checked against float64");
}

TEST(ConvolutionSelectionTest, NativeServesWhereTheVendorsLibraryFailsAndSaysWhy) {
  const auto selection = SelectConvolution("auto", kMiopen, kNoSolver, 1.9);
  ASSERT_TRUE(selection.ok()) << selection.status();
  EXPECT_EQ(selection->backend, ConvolutionBackend::kNative);
  EXPECT_THAT(selection->line, HasSubstr("native, 1.90 ms"));
  EXPECT_THAT(selection->line, HasSubstr("(MIOpen: unavailable: miopenStatusUnknownError: elapsed <= 0)"));
}

TEST(ConvolutionSelectionTest, ARequestIsObeyedOrRefusedWithAReason) {
  EXPECT_EQ(SelectConvolution("native", kMiopen, 0.08, 1.9)->backend, ConvolutionBackend::kNative);
  EXPECT_EQ(MessageOf(SelectConvolution("vendor", kMiopen, kNoSolver, 1.9).status()),
            "convolution is \"vendor\", which cannot serve here: unavailable: miopenStatusUnknownError: elapsed <= 0; "
            "use auto or native");
  EXPECT_EQ(SelectConvolution("native", kMiopen, 0.08, absl::InternalError("no")).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(SelectConvolution("auto", kMiopen, kNoSolver, absl::InternalError("no")).status()),
              HasSubstr("no convolution works on this device: MIOpen: unavailable"));
}

TEST(ConvolutionSelectionTest, TheCpuHasNoVendorsLibrary) {
  EXPECT_EQ(ChooseConvolution(kCpu, at::kFloat)->line, "convolution: native (CPU)");
  EXPECT_EQ(ChooseConvolution(kCpu, at::kFloat, "vendor").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MessageOf(ChooseConvolution(kCpu, at::kFloat, "winograd").status()),
            "convolution is \"winograd\"; use auto, vendor or native");
}

TEST(ConvolutionTrialTest, TellsBugsFromRounding) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    EXPECT_TRUE(TryConvolution(kCpu, dtype, Right).ok()) << TryConvolution(kCpu, dtype, Right).status();
    const ConvolutionTrial flipped = TryConvolution(kCpu, dtype, [](const at::Tensor& x, const at::Tensor& weight) {
      return Right(x, weight.flip({2, 3, 4}));
    });
    EXPECT_THAT(MessageOf(flipped.status()), HasSubstr("wrong results in contiguous memory: off by 1.4"));
    const ConvolutionTrial lost_tap = TryConvolution(kCpu, dtype, [](const at::Tensor& x, const at::Tensor& weight) {
      const at::Tensor lost = weight.clone();
      lost.select(4, 2).select(3, 2).select(2, 2).zero_();
      return Right(x, lost);
    });
    EXPECT_THAT(MessageOf(lost_tap.status()), HasSubstr("off by 0.19"));
    const ConvolutionTrial strides_ignored =
        TryConvolution(kCpu, dtype, [](const at::Tensor& x, const at::Tensor& weight) {
          return Right(x.is_contiguous() ? x : at::zeros_like(x), weight);
        });
    EXPECT_THAT(MessageOf(strides_ignored.status()), HasSubstr("wrong results in channels_last_3d: off by 1,"));
  }
}

}  // namespace
}  // namespace ovi
