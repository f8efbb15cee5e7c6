// What the twin transformer promises beyond the goldens' numbers, on the goldens' tiny weights.
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/view_as_real.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <tuple>

#include "engine/checkpoint/bundle.h"
#include "engine/checkpoint/weights.h"
#include "engine/fusion/fusion_model.h"
#include "engine/fusion/fusion_text.h"
#include "engine/fusion/rope.h"
#include "tests/unit/relative_difference.h"

namespace ovi {
namespace {

// Two orders of the same float32 sums. The goldens' own measure for a whole forward (index.json, f32_vs_f64) is 8e-7 to
// 1.1e-6 relative; two of our runs may each be off by that, and ten times it is the goldens' margin.
constexpr double kSameNumbers = 2 * 1.1e-5;

class FusionModelTest : public testing::Test {
 protected:
  FusionModelTest()
      : bundle_(OpenBundle(OVI_SHARED_DIR "/goldens/tiny-bundle").value()),
        weights_(OpenTensorFile(bundle_.checkpoints.front().fusion_file).value(), {}),
        model_(weights_.Root(), bundle_.fusion) {
    EXPECT_TRUE(weights_.Finish().ok());
    at::manual_seed(5);
    video_ = at::randn({48, 3, 4, 6});
    audio_ = at::randn({11, 20});
    prompt_ = at::randn({9, bundle_.fusion.video.text_dim});
    negative_ = at::randn({4, bundle_.fusion.video.text_dim});
  }

  Velocity Forward(const at::Tensor& text, double timestep = 500, const ForwardOptions& options = {}) const {
    return model_.Forward(video_, audio_, timestep, model_.PrepareText(text, text), options);
  }

  const c10::InferenceMode inference_;
  const BundleConfig bundle_;
  Weights weights_;
  const FusionModel model_;
  at::Tensor video_, audio_, prompt_, negative_;
};

// Seen failing: a block skipped in both passes moved the positive one by 0.57.
TEST_F(FusionModelTest, APairIsThePositiveAndTheNegativePass) {
  for (const int64_t slg_layer : {0, 1, 2}) {
    SCOPED_TRACE(slg_layer);
    const ForwardOptions options{.slg_layer = slg_layer};
    const auto [positive, negative] = model_.ForwardPair(video_, audio_, 500, model_.PrepareText(prompt_, prompt_),
                                                         model_.PrepareText(negative_, negative_), options);
    const Velocity expected_positive = Forward(prompt_), expected_negative = Forward(negative_, 500, options);
    EXPECT_LE(RelativeDifference(positive.video, expected_positive.video), kSameNumbers);
    EXPECT_LE(RelativeDifference(positive.audio, expected_positive.audio), kSameNumbers);
    EXPECT_LE(RelativeDifference(negative.video, expected_negative.video), kSameNumbers);
    EXPECT_LE(RelativeDifference(negative.audio, expected_negative.audio), kSameNumbers);
  }
}

TEST_F(FusionModelTest, SkippingABlockIsSeenAndNoneBeyondTheLast) {
  const at::Tensor all = Forward(prompt_).video;
  EXPECT_GT(RelativeDifference(Forward(prompt_, 500, {.slg_layer = 1}).video, all), 1e-3);
  EXPECT_TRUE(at::equal(Forward(prompt_, 500, {.slg_layer = 0}).video, all));
  EXPECT_TRUE(at::equal(Forward(prompt_, 500, {.slg_layer = -1}).video, all));
  EXPECT_TRUE(at::equal(Forward(prompt_, 500, {.slg_layer = 3}).video, all));  // the bundle has three
}

// Upstream pads prompts with zero rows and attends to what the text MLP makes of them.
TEST_F(FusionModelTest, ZeroRowsBehindAPromptChangeNothing) {
  const at::Tensor padded = at::cat({prompt_, at::zeros({30, prompt_.size(1)})});
  EXPECT_LE(RelativeDifference(Forward(padded).video, Forward(prompt_).video), kSameNumbers);
}

TEST_F(FusionModelTest, ACleanFirstFrameIsToldTimestepZero) {
  const ForwardOptions clean{.first_frame_is_clean = true};
  const Velocity at_zero = Forward(prompt_, 0), clean_at_zero = Forward(prompt_, 0, clean);
  EXPECT_LE(RelativeDifference(clean_at_zero.video, at_zero.video), kSameNumbers);
  EXPECT_LE(RelativeDifference(clean_at_zero.audio, at_zero.audio), kSameNumbers);
  EXPECT_GT(RelativeDifference(Forward(prompt_, 500, clean).video, Forward(prompt_, 500).video), 1e-3);
}

TEST_F(FusionModelTest, EachTowerHasItsOwnNegativePrompt) {
  const FusionText both = model_.PrepareText(prompt_, prompt_), mixed = model_.PrepareText(prompt_, negative_);
  const Velocity a = model_.Forward(video_, audio_, 500, both), b = model_.Forward(video_, audio_, 500, mixed);
  EXPECT_GT(RelativeDifference(b.audio, a.audio), 1e-3);
}

TEST_F(FusionModelTest, SizesMayChangeFromCallToCall) {
  for (const auto& [frames, height, width, length] : {std::tuple(1, 2, 2, 1), std::tuple(5, 6, 2, 40)}) {
    const Velocity velocity = model_.Forward(at::randn({48, frames, height, width}), at::randn({length, 20}), 10.5,
                                             model_.PrepareText(prompt_, prompt_));
    EXPECT_EQ(velocity.video.sizes(), at::IntArrayRef({48, frames, height, width}));
    EXPECT_EQ(velocity.audio.sizes(), at::IntArrayRef({length, 20}));
  }
}

// cos and sin of one angle: factors have length one, and the same moment has the same factors in both towers.
TEST(RopeTableTest, AMomentHasTheSameAnglesInBothTowers) {
  TowerConfig video, audio;
  video.dim = audio.dim = 128;
  video.num_heads = audio.num_heads = 4;
  audio.patch_size = {1};
  audio.temporal_rope_scaling_factor = 0.25;
  const at::Tensor frames = at::view_as_real(RopeTable(video, c10::kCPU).Factors({7, 1, 1}));
  const at::Tensor steps = at::view_as_real(RopeTable(audio, c10::kCPU).Factors({25}));
  const int64_t pairs = steps.size(1);
  EXPECT_EQ(pairs, (32 - 4 * (32 / 6)) / 2);
  for (const int64_t frame : {0, 1, 6}) {
    // float64 angles, one rounding to float32 each.
    EXPECT_LE((frames[frame].narrow(0, 0, pairs) - steps[4 * frame]).abs().max().item<double>(), 0x1p-23) << frame;
  }
  EXPECT_LE((steps.square().sum(-1) - 1).abs().max().item<double>(), 4 * 0x1p-24);
}

}  // namespace
}  // namespace ovi
