#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/randn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "engine/device/probe.h"
#include "engine/sampling/denoise.h"
#include "engine/sampling/guidance.h"

namespace ovi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

double Largest(const at::Tensor& tensor) { return tensor.abs().max().item<double>(); }

Latents SmallNoise() { return {.video = at::randn({2, 3, 4, 4}), .audio = at::randn({5, 2})}; }

// The field whose every path is straight to `data`: v = (x - data) / sigma, with sigma = timestep / 1000 (Euler's).
// Positive and negative lie symmetrically around it, so that a guidance scale of 0.5 gives it exactly.
class StraightField : public VelocityModel {
 public:
  StraightField(double data, FakeClock* clock = nullptr) : data_(data), clock_(clock) {}

  Velocity Positive(const Latents& latents, double timestep) const override {
    calls.push_back("positive");
    seen.push_back(latents);
    return At(latents, timestep, data_ - 0.25);
  }
  Velocity Negative(const Latents& latents, double timestep) const override {
    calls.push_back("negative");
    seen.push_back(latents);
    if (clock_ != nullptr) clock_->Advance(absl::Seconds(2));
    return At(latents, timestep, data_ + 0.25);
  }

  mutable std::vector<std::string> calls;
  mutable std::vector<Latents> seen;

 private:
  static Velocity At(const Latents& latents, double timestep, double data) {
    return {(latents.video - data) / (timestep / 1000), (latents.audio - data) / (timestep / 1000)};
  }
  const double data_;
  FakeClock* const clock_;
};

class Observer : public GenerateObserver {
 public:
  void OnStep(const StepProgress& progress) override { steps.push_back(progress); }
  bool ShouldStop() override { return ++asked > stop_after; }

  int stop_after = 1000000;
  int asked = 0;
  std::vector<StepProgress> steps;
};

class DenoiseTest : public ::testing::Test {
 protected:
  absl::StatusOr<Latents> Run(const VelocityModel& model, const Latents& noise, const at::Tensor& first_frame = {}) {
    return Denoise(model, noise, first_frame, options, observer, clock);
  }

  DenoiseOptions options = {
      .solver = Solver::kEuler, .steps = 4, .shift = 3, .video_guidance_scale = 0.5, .audio_guidance_scale = 0.5};
  Observer observer;
  FakeClock clock;
};

// Four float32 steps on values below 8, some ten roundings each: 4 * 10 * 2^-24 * 8 = 1.9e-5.
TEST_F(DenoiseTest, FollowsTheGuidedFieldToTheData) {
  const StraightField model(0.75);
  const absl::StatusOr<Latents> latents = Run(model, SmallNoise());
  ASSERT_TRUE(latents.ok());
  EXPECT_LE(Largest(latents->video - 0.75), 1.9e-5);
  EXPECT_LE(Largest(latents->audio - 0.75), 1.9e-5);
}

// Seen failing: with video's scale for both, the sound ended 0.25 away.
TEST_F(DenoiseTest, GuidesEachModalityWithItsOwnScale) {
  const StraightField model(0.75);
  options.audio_guidance_scale = 1;  // the positive field alone, whose data lies 0.25 lower
  const absl::StatusOr<Latents> latents = Run(model, SmallNoise());
  EXPECT_LE(Largest(latents->video - 0.75), 1.9e-5);
  EXPECT_LE(Largest(latents->audio - 0.5), 1.9e-5);
}

// 1 + 2^-8 does not fit bfloat16: the difference, the product and the sum must each round.
TEST(GuideTest, RoundsAfterEveryOperation) {
  const at::Tensor positive = at::full({1}, 1.0078125, at::kBFloat16), negative = at::full({1}, 1.0, at::kBFloat16);
  EXPECT_EQ(Guide(positive, negative, 0.25).item<double>(), 1.0);  // 1.001953125 rounds down
  EXPECT_EQ(Guide(positive, negative, 3.0).item<double>(), 1.0234375);
  EXPECT_EQ(Guide(positive, negative, 1.0).item<double>(), 1.0078125);
}

// Seen failing: put back in place, without a copy, it was written into the caller's noise.
TEST_F(DenoiseTest, PutsTheFirstFrameBackBeforeEveryPassAndAfterTheLastStep) {
  const StraightField model(0.75);
  const at::Tensor first_frame = at::full({2, 1, 4, 4}, -3.0);
  const Latents noise = SmallNoise();
  const at::Tensor noise_before = noise.video.clone();
  for (const Solver solver : {Solver::kUniPc, Solver::kDpmPlusPlus, Solver::kEuler}) {
    options.solver = solver;
    const absl::StatusOr<Latents> latents = Run(model, noise, first_frame);
    ASSERT_TRUE(latents.ok());
    EXPECT_TRUE(latents->video.narrow(1, 0, 1).equal(first_frame));
  }
  ASSERT_THAT(model.seen, SizeIs(3 * 8));
  for (const Latents& seen : model.seen) EXPECT_TRUE(seen.video.narrow(1, 0, 1).equal(first_frame));
  EXPECT_TRUE(noise.video.equal(noise_before));
}

TEST_F(DenoiseTest, StopsBetweenTheTwoPassesOfAStep) {
  const StraightField model(0);
  observer.stop_after = 3;  // asked before each pass: two for the first step, then one
  const absl::StatusOr<Latents> latents = Run(model, SmallNoise());
  EXPECT_EQ(latents.status().code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(std::string(latents.status().message()), HasSubstr("step 2 of 4"));
  EXPECT_THAT(model.calls, ElementsAre("positive", "negative", "positive"));
  EXPECT_THAT(observer.steps, SizeIs(1));
}

TEST_F(DenoiseTest, StopsBeforeTheFirstPass) {
  const StraightField model(0);
  observer.stop_after = 0;
  EXPECT_EQ(Run(model, SmallNoise()).status().code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(model.calls, SizeIs(0));
}

TEST_F(DenoiseTest, ReportsEachStepWithItsTime) {
  const StraightField model(0, &clock);
  ASSERT_TRUE(Run(model, SmallNoise()).ok());
  ASSERT_THAT(observer.steps, SizeIs(4));
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(observer.steps[static_cast<size_t>(i)].step, i + 1);
    EXPECT_EQ(observer.steps[static_cast<size_t>(i)].steps, 4);
    EXPECT_EQ(observer.steps[static_cast<size_t>(i)].step_seconds, 2);
  }
}

// On straight paths the foreseen data is the data from the first step on; the clean first frame is in its place.
TEST_F(DenoiseTest, PreviewsWhatTheModelForesees) {
  const StraightField model(0.75);
  std::vector<int> steps;
  options.preview_interval_steps = 2;
  options.on_preview = [&](int step, const at::Tensor& video) {
    steps.push_back(step);
    EXPECT_LE(Largest(video.narrow(1, 1, 2) - 0.75), 1.9e-5);
    EXPECT_EQ(Largest(video.narrow(1, 0, 1) + 3.0), 0);
    return absl::OkStatus();
  };
  ASSERT_TRUE(Run(model, SmallNoise(), at::full({2, 1, 4, 4}, -3.0)).ok());
  EXPECT_THAT(steps, ElementsAre(2, 4));
}

TEST_F(DenoiseTest, APreviewThatFailsEndsTheLoop) {
  const StraightField model(0);
  options.preview_interval_steps = 1;
  options.on_preview = [](int, const at::Tensor&) { return absl::InternalError("no pen"); };
  EXPECT_EQ(Run(model, SmallNoise()).status(), absl::InternalError("no pen"));
  EXPECT_THAT(observer.steps, SizeIs(0));
}

TEST_F(DenoiseTest, PassesTogetherGiveTheSameAndAskOncePerStep) {
  const StraightField model(0.75);
  const Latents noise = SmallNoise();
  const absl::StatusOr<Latents> one_by_one = Run(model, noise);
  options.passes = Passes::kTogether;
  observer.asked = 0;
  const absl::StatusOr<Latents> together = Run(model, noise);
  EXPECT_TRUE(together->video.equal(one_by_one->video));
  EXPECT_EQ(observer.asked, 4);
}

TEST_F(DenoiseTest, ProbeSeesStatesAndPredictions) {
  const StraightField model(0.75);
  RecordingProbe probe;
  options.probe = &probe;
  const Latents noise = SmallNoise();
  ASSERT_TRUE(Run(model, noise).ok());
  EXPECT_THAT(probe.values(), SizeIs(4 * 6));
  EXPECT_TRUE(probe.values().at("steps.0.video").equal(noise.video));
  EXPECT_EQ(probe.values().count("steps.3.audio_negative"), 1u);
}

TEST_F(DenoiseTest, RefusesARunWithoutSteps) {
  options.steps = 0;
  EXPECT_EQ(Run(StraightField(0), SmallNoise()).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ovi
