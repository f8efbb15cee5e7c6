#include "server/jobs/step_times.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "server/jobs/step_times_file.h"

namespace ovi {
namespace {

ClipSpec Clip(int side, int steps) {
  ClipSpec clip;
  clip.checkpoint = "demo";
  clip.height = clip.width = side;
  clip.steps = steps;
  return clip;
}

TEST(StepTimesTest, TheFirstGuessSaysSo) { EXPECT_TRUE(StepTimes().Whole(Clip(128, 4)).first_guess); }

TEST(StepTimesTest, AMeasuredClipPredictsTheNext) {
  StepTimes times;
  times.Record(Clip(128, 10), absl::Seconds(1), absl::Seconds(13));
  EXPECT_EQ(times.Whole(Clip(128, 20)), (Estimate{absl::Seconds(23), false}));
  EXPECT_EQ(times.AfterSteps(Clip(128, 20), 15, absl::Seconds(2)), (Estimate{absl::Seconds(13), false}));
  EXPECT_EQ(times.AfterFrames(Clip(128, 20), 30, 120), (Estimate{absl::Seconds(2.25), false}));
}

TEST(StepTimesTest, AnotherSizeIsScaledByItsAreaAndStaysAGuess) {
  StepTimes times;
  times.Record(Clip(128, 10), absl::Seconds(1), absl::Seconds(13));
  EXPECT_EQ(times.Whole(Clip(256, 10)), (Estimate{absl::Seconds(52), true}));
}

class StepTimesFileTest : public testing::Test {
 protected:
  StepTimesFileTest() {
    std::string name = testing::TempDir() + "/ovi-times-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~StepTimesFileTest() override { std::filesystem::remove_all(folder_); }

  static constexpr char kMachine[] = "demo on cpu, float32";
  std::string Path() const { return folder_ + "/step_times.json"; }
  StepTimes Kept(const std::string& machine = kMachine) { return KeptStepTimes(Path(), machine); }
  // What a server warns of that finds `text` in the file.
  std::string WarningAbout(const std::string& text) {
    std::ofstream(Path()) << text;
    testing::internal::CaptureStderr();
    EXPECT_TRUE(Kept().Whole(Clip(128, 10)).first_guess);
    return testing::internal::GetCapturedStderr();
  }

  std::string folder_;
};

TEST_F(StepTimesFileTest, TheNextServerKnowsWhatThisOneMeasured) {
  Kept().Record(Clip(128, 10), absl::Seconds(1), absl::Seconds(13));
  EXPECT_EQ(Kept().Whole(Clip(128, 20)), (Estimate{absl::Seconds(23), false}));
  EXPECT_TRUE(Kept("demo on cuda:0, float32").Whole(Clip(128, 20)).first_guess) << "measured elsewhere";
  EXPECT_FALSE(std::filesystem::exists(Path() + ".new"));
}

TEST_F(StepTimesFileTest, AFileThatIsDamagedOrNewerIsIgnoredWithAWarning) {
  EXPECT_EQ(WarningAbout(R"({"version":1,"measured_on":"demo on cpu, float32","times":[]})"), "");
  for (const std::string text :
       {"", "{", "[]", R"({"version":"1"})", R"({"version":1,"measured_on":"demo on cpu, float32"})",
        R"({"version":1,"measured_on":"demo on cpu, float32","times":[{"checkpoint":"demo","height":128,"width":128,)"
        R"("step_seconds":-1,"rest_seconds":1}]})",
        R"({"version":1,"measured_on":"demo on cpu, float32","times":[{"checkpoint":"demo","height":0,"width":128,)"
        R"("step_seconds":1,"rest_seconds":1}]})"}) {
    EXPECT_THAT(WarningAbout(text), testing::HasSubstr("it is damaged")) << text;
  }
  EXPECT_THAT(WarningAbout(R"({"version":2})"), testing::HasSubstr("it is of version 2"));
}

TEST_F(StepTimesFileTest, AFolderThatCannotBeWrittenIsAWarning) {
  const std::string path = folder_ + "/gone/step_times.json";
  testing::internal::CaptureStderr();
  StepTimes times = KeptStepTimes(path, kMachine);
  times.Record(Clip(128, 10), absl::Seconds(1), absl::Seconds(13));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("is not kept for the next start"));
  EXPECT_FALSE(times.Whole(Clip(128, 20)).first_guess);
}

}  // namespace
}  // namespace ovi
