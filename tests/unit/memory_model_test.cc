#include "engine/pipeline/memory_model.h"

#include <gtest/gtest.h>

#include "engine/checkpoint/bundle.h"

namespace ovi {
namespace {

constexpr int64_t kGb = 1'000'000'000;
constexpr int64_t kModels = 36 * kGb;
constexpr RunShape kAccelerator = {.on_cpu = false, .value_bytes = 2, .vae_value_bytes = 2};
constexpr RunShape kCpu = {.on_cpu = true, .value_bytes = 4, .vae_value_bytes = 4};

// The published model: the defaults of every configuration.
PeakPrediction Published(const ClipShape& clip, const RunShape& run = kAccelerator, int64_t latent_frames = 31) {
  BundleConfig bundle;
  CheckpointConfig checkpoint;
  checkpoint.video_latent_frames = latent_frames;
  return PredictPeak(bundle, checkpoint, clip, run, kModels);
}

// Upstream's own Python takes 2.6 GB over its weights for a forward pass at 704x704x121 and 10.3 GB for a float32
// decode.
TEST(MemoryModelTest, ThePublishedModelIsInTheRegionOfWhatItsAuthorsNeed) {
  const PeakPrediction peak = Published({.height = 704, .width = 704});
  EXPECT_GT(peak.diffusion, kModels + 1 * kGb);
  EXPECT_LT(peak.diffusion, kModels + 4 * kGb);
  EXPECT_GT(peak.decode, kModels + 2 * kGb);
  EXPECT_LT(peak.decode, kModels + 8 * kGb);
  EXPECT_EQ(peak.peak(), peak.decode);
}

TEST(MemoryModelTest, MoreOfAnythingNeedsMore) {
  for (const RunShape& run : {kAccelerator, kCpu}) {
    const ClipShape small = {.height = 704, .width = 704};
    const PeakPrediction base = Published(small, run);
    const PeakPrediction larger = Published({.height = 960, .width = 960}, run);
    const PeakPrediction longer = Published(small, run, 61);
    EXPECT_GT(larger.diffusion, base.diffusion);
    EXPECT_GT(larger.decode, base.decode);
    EXPECT_EQ(larger.text, base.text);
    EXPECT_GT(longer.diffusion, base.diffusion);
    // Pictures leave group by group: the length of a clip shows in its latent alone.
    EXPECT_LT(longer.decode - base.decode, (base.decode - kModels) / 50);
  }
}

TEST(MemoryModelTest, ADimensionMoreIsNoDimensionTwice) {
  // Both orientations of a picture hold the same tensors.
  EXPECT_EQ(Published({.height = 512, .width = 992}).peak(), Published({.height = 992, .width = 512}).peak());
}

TEST(MemoryModelTest, WhatIsNotAskedForCostsNothing) {
  const ClipShape plain = {.height = 704, .width = 704};
  EXPECT_EQ(Published(plain).first_frame, kModels);
  ClipShape with_picture = plain;
  with_picture.has_first_frame = true;
  EXPECT_GT(Published(with_picture).first_frame, kModels + kGb / 2);
  ClipShape with_previews = plain;
  with_previews.has_previews = true;
  EXPECT_GE(Published(with_previews).diffusion, Published(plain).diffusion);
}

TEST(MemoryModelTest, WiderValuesNeedMore) {
  RunShape exact_vae = kAccelerator;
  exact_vae.vae_value_bytes = 4;
  const ClipShape clip = {.height = 704, .width = 704};
  EXPECT_GT(Published(clip, exact_vae).decode, Published(clip).decode + 2 * kGb);
  EXPECT_EQ(Published(clip, exact_vae).diffusion, Published(clip).diffusion);
}

TEST(MemoryModelTest, TheModelsAreInEveryStage) {
  const PeakPrediction peak = Published({.height = 704, .width = 704});
  for (const int64_t stage : {peak.text, peak.first_frame, peak.diffusion, peak.decode}) EXPECT_GE(stage, kModels);
  EXPECT_EQ(peak.models, kModels);
}

}  // namespace
}  // namespace ovi
