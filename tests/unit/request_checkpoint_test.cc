#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/request/checkpoint_info.h"
#include "engine/request/resolve.h"

namespace ovi {
namespace {

using ::testing::HasSubstr;

// Every part by hand: the published towers are defined in a library that needs LibTorch.
BundleConfig Bundle() {
  return {.name = "b",
          .checkpoints = {},
          .text_encoder_file = "",
          .tokenizer_file = "",
          .video_vae_file = "",
          .audio_vae_file = "",
          .vocoder_file = "",
          .fusion = {.video = TowerConfig{}, .audio = TowerConfig{}},
          .text_encoder = {},
          .video_vae = {},
          .audio_vae = {},
          .vocoder = {},
          .defaults = {}};
}

std::vector<CheckpointInfo> Served() {
  std::vector<CheckpointInfo> served(2);
  served[0].name = "a";
  served[1].name = "b";
  return served;
}

TEST(MakeCheckpointInfoTest, CountsFramesAndSamplesOfThePublishedModel) {
  CheckpointConfig checkpoint;
  checkpoint.name = "720x720_5s";
  const CheckpointInfo info = MakeCheckpointInfo(checkpoint, Bundle());
  EXPECT_EQ(info.name, "720x720_5s");
  EXPECT_EQ(info.frames, 121);
  EXPECT_EQ(info.audio_samples, 80384);
  EXPECT_EQ(info.num_layers, 30);
  EXPECT_EQ(info.default_slg_layer, 11);
  EXPECT_EQ(info.default_steps, 50);
  EXPECT_EQ(info.default_audio_negative_prompt, "robotic, muffled, echo, distorted");
}

TEST(MakeCheckpointInfoTest, FollowsTheBundlesOwnNumbers) {
  BundleConfig bundle = Bundle();
  bundle.fusion.video.num_layers = 3;
  bundle.vocoder.upsample_rates = {4, 2};
  CheckpointConfig checkpoint;
  checkpoint.video_latent_frames = 5;
  checkpoint.audio_latent_length = 26;
  const CheckpointInfo info = MakeCheckpointInfo(checkpoint, bundle);
  EXPECT_EQ(info.frames, 17);
  EXPECT_EQ(info.audio_samples, 26 * 2 * 8);
  EXPECT_EQ(info.default_slg_layer, 0);  // there is no block 11 to skip
}

TEST(FindCheckpointTest, EmptyNameIsTheFirst) {
  const std::vector<CheckpointInfo> served = Served();
  EXPECT_EQ((*FindCheckpoint(served, ""))->name, "a");
  EXPECT_EQ((*FindCheckpoint(served, "b"))->name, "b");
}

TEST(FindCheckpointTest, UnknownNameIsAnsweredWithTheKnownOnes) {
  const std::vector<CheckpointInfo> served = Served();
  const absl::Status status = FindCheckpoint(served, "c").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(status), "UNKNOWN_CHECKPOINT");
  EXPECT_EQ(std::string(status.message()), "checkpoint is \"c\"; this server has: a, b");
}

}  // namespace
}  // namespace ovi
