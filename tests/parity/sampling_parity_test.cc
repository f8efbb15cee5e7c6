#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "engine/checkpoint/tensor_file.h"
#include "engine/checkpoint/weights.h"
#include "engine/sampling/latents.h"
#include "engine/sampling/velocity_model.h"
#include "tests/parity/golden.h"

namespace ovi {
namespace {

// Seen failing: timesteps rounded instead of truncated were 1 off; without the factor 2 in the corrector's second
// equation a UniPC trajectory was 4.0e-2 off, 2700 times its tolerance.
TEST(SchedulerParityTest, MatchesEveryGolden) { ExpectAllMatch("scheduler", RunSchedulerCase); }

// Seen failing: with the skipped layer in the positive pass too the first prediction was 2.8 off (tolerance 6e-5); with
// the first frame not put back before each step the states were 7.4 off (9.5e-5).
TEST(LoopParityTest, MatchesEveryGolden) { ExpectAllMatch("loop", RunLoopCase); }

// The two passes of a step in one call, held to what the reference's two calls gave.
// Seen failing: with no layer skipped, the negative prediction was 2.8 off (tolerance 6.2e-5).
TEST(LoopParityTest, BothPassesAtOnceMatchTheFirstStep) {
  for (const ParityCase& golden : LoadGoldens("loop")) {
    if (golden.args.value("first_frame_is_clean", false)) continue;  // its first state is not the noise
    const BundleConfig bundle = GoldenContext().bundle;
    Weights weights(*OpenTensorFile(bundle.checkpoints.front().fusion_file), {});
    const FusionModel model(weights.Root(), bundle.fusion);
    ASSERT_TRUE(weights.Finish().ok());
    const auto input = [&](const char* name) { return golden.inputs.at(name); };
    const FusionVelocityModel field(model, model.PrepareText(input("text"), input("text")),
                                    model.PrepareText(input("video_negative"), input("audio_negative")),
                                    {.slg_layer = golden.args.at("slg_layer").get<int64_t>()});
    const auto [positive, negative] = field.Both({.video = input("video_noise"), .audio = input("audio_noise")},
                                                 golden.expected.at("timesteps").value[0].item<double>());
    const auto expect_near = [&](const at::Tensor& value, const char* name) {
      const ExpectedTensor& expected = golden.expected.at(name);
      EXPECT_LE((value - expected.value).abs().max().item<double>(), expected.tolerance.max_abs)
          << golden.name << ", " << name;
    };
    expect_near(positive.video, "step0_video_positive");
    expect_near(positive.audio, "step0_audio_positive");
    expect_near(negative.video, "step0_video_negative");
    expect_near(negative.audio, "step0_audio_negative");
  }
}

// The reference draws its noise as we do by default, so it must be the same to the last bit.
TEST(NoiseParityTest, CpuNoiseIsTheReferences) {
  for (const ParityCase& golden : LoadGoldens("e2e")) {
    const at::Tensor video = golden.inputs.at("video_noise"), audio = golden.inputs.at("audio_noise");
    const Latents noise =
        DrawNoise({.video_channels = video.size(0),
                   .frames = video.size(1),
                   .height = video.size(2),
                   .width = video.size(3),
                   .audio_length = audio.size(0),
                   .audio_channels = audio.size(1)},
                  golden.args.at("seed").get<uint64_t>(), NoiseSource::kCpu, c10::Device(c10::kCPU), at::kFloat);
    EXPECT_TRUE(noise.video.equal(video)) << golden.name;
    EXPECT_TRUE(noise.audio.equal(audio)) << golden.name;
  }
}

}  // namespace
}  // namespace ovi
