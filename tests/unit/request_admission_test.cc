#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/field_violations.h"
#include "engine/request/admission.h"

namespace ovi {
namespace {

using testing::HasSubstr;

// The published 10 s checkpoint: 960x960 in area, in steps of 32.
CheckpointInfo Checkpoint() {
  CheckpointInfo info;
  info.name = "960x960_10s";
  info.frames = 241;
  info.frames_per_second = 24;
  info.video_area = 960 * 960;
  info.size_multiple = 32;
  info.max_side = 4096;
  return info;
}

ClipSpec Spec(int64_t peak_bytes) {
  ClipSpec spec;
  spec.height = spec.width = 960;
  spec.frames = 241;
  spec.predicted_peak_bytes = peak_bytes;
  return spec;
}

absl::Status Admit(const ClipSpec& spec, int64_t budget_bytes, const PeakOfSize& peak_of) {
  return AdmitClip(spec, Checkpoint(), budget_bytes, peak_of);
}

int64_t SixtyGb(PixelSize) { return 60'000'000'000; }

TEST(AdmissionTest, WithoutABudgetEverythingFits) { EXPECT_TRUE(Admit(Spec(int64_t{1} << 60), 0, SixtyGb).ok()); }

TEST(AdmissionTest, TheBudgetItselfStillFits) {
  EXPECT_TRUE(Admit(Spec(60), 60, SixtyGb).ok());
  EXPECT_FALSE(Admit(Spec(61), 60, SixtyGb).ok());
}

TEST(AdmissionTest, ARefusalSaysHowMuchHowLittleAndWhichBudgetWouldDo) {
  const absl::Status status = Admit(Spec(61'234'567'890), 48'000'000'000, SixtyGb);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "MEMORY_BUDGET_EXCEEDED");
  EXPECT_EQ(
      std::string(status.message()),
      "960x960 for 10 s needs 61.2 GB at its peak, models included; the budget leaves 48.0: no size of checkpoint "
      "960x960_10s fits; set --memory_budget_gb to 61.3, or serve a smaller one");
}

// What is advised must be admitted when it is asked for.
TEST(AdmissionTest, TheLargestSizeThatFitsIsNamedAndFits) {
  // Sizes of this checkpoint have 880640 to 962560 pixels.
  const auto peak_of = [](PixelSize size) { return size.height * size.width * 50'000; };
  const int64_t budget = 45'900'000'000;  // 918000 pixels
  const absl::Status status = Admit(Spec(peak_of({960, 960})), budget, peak_of);
  EXPECT_THAT(std::string(status.message()), HasSubstr("needs 46.1 GB"));
  const std::string message(status.message());
  int height = 0, width = 0;
  ASSERT_EQ(std::sscanf(message.substr(message.find("use ")).c_str(), "use %dx%d", &height, &width), 2) << message;
  EXPECT_EQ(SnapToArea({height, width}, 960 * 960, 32), (PixelSize{height, width}));
  EXPECT_LE(peak_of({height, width}), budget);
  for (int other = 32; other <= 4096; other += 32) {
    const PixelSize size = SnapToArea({other, 960 * 960 / other}, 960 * 960, 32);
    if (std::max(size.height, size.width) > 4096 || peak_of(size) > budget) continue;
    if (SnapToArea(size, 960 * 960, 32) != size) continue;
    EXPECT_LE(size.height * size.width, int64_t{height} * width);
  }
}

TEST(AdmissionTest, OfAPictureTheShapeIsToBeChanged) {
  ClipSpec spec = Spec(61'000'000'000);
  spec.first_frame = "png";
  const auto wide_ones_fit = [](PixelSize size) { return size.width > size.height ? 1 : 61'000'000'000; };
  EXPECT_THAT(std::string(Admit(spec, 48'000'000'000, wide_ones_fit).message()), HasSubstr("crop the first frame to"));
}

TEST(AdmissionTest, SmallFiguresKeepTheirDigits) {
  EXPECT_THAT(std::string(Admit(Spec(100'500'000), 100'000'000, SixtyGb).message()),
              HasSubstr("needs 0.101 GB at its peak, models included; the budget leaves 0.100"));
}

}  // namespace
}  // namespace ovi
