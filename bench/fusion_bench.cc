// How long a guided step of the twin transformer takes, ours against plain eager calls (plain_fusion.h), on the CPU:
//   fusion_bench FOLDER...       such as models/demo; a bundle each
// The clip has the bundle's own size; prompts have 24, 9 and 9 rows of noise. Run it on an idle machine.
#include <ATen/ops/randn.h>

#include <cstdio>
#include <memory>
#include <string>

#include "base/status_macros.h"
#include "bench/compare.h"
#include "bench/plain_fusion.h"
#include "bench/run_bundles.h"
#include "engine/checkpoint/bundle.h"
#include "engine/checkpoint/tensor_file.h"
#include "engine/checkpoint/weights.h"
#include "engine/fusion/fusion_model.h"

namespace ovi::bench {
namespace {

absl::Status Run(const std::string& folder) {
  const absl::StatusOr<BundleConfig> bundle = OpenBundle(folder);
  if (!bundle.ok()) return bundle.status();
  const CheckpointConfig& checkpoint = bundle->checkpoints.front();
  const FusionConfig& config = bundle->fusion;
  const absl::StatusOr<std::shared_ptr<const TensorFile>> file = OpenTensorFile(checkpoint.fusion_file);
  if (!file.ok()) return file.status();
  Weights weights(*file, {});
  const FusionModel ours(weights.Root(), config);
  if (absl::Status status = weights.Finish(); !status.ok()) return status;
  OVI_ASSIGN_OR_RETURN(PlainWeights plain_weights, LoadPlainWeights(checkpoint.fusion_file));
  const PlainFusion plain(std::move(plain_weights), config);

  const int64_t height = bundle->defaults.height / 16, width = bundle->defaults.width / 16;
  const at::Tensor video = at::randn({config.video.in_dim, checkpoint.video_latent_frames, height, width});
  const at::Tensor audio = at::randn({checkpoint.audio_latent_length, config.audio.in_dim});
  const at::Tensor prompt = at::randn({24, config.video.text_dim});
  const at::Tensor video_negative = at::randn({9, config.video.text_dim});
  const at::Tensor audio_negative = at::randn({9, config.audio.text_dim});
  const FusionText positive = ours.PrepareText(prompt, prompt);
  const FusionText negative = ours.PrepareText(video_negative, audio_negative);
  constexpr double kTimestep = 637;

  const Velocity expected = plain.Forward(video, audio, kTimestep, video_negative, audio_negative);
  const Velocity got = ours.ForwardPair(video, audio, kTimestep, positive, negative).second;
  std::printf("%s: relative difference to plain: video %.1e, audio %.1e\n", bundle->name.c_str(),
              RelativeDifference(got.video, expected.video), RelativeDifference(got.audio, expected.audio));
  const auto plain_pass = [&] { plain.Forward(video, audio, kTimestep, video_negative, audio_negative); };
  const auto plain_step = [&] {
    plain.Forward(video, audio, kTimestep, prompt, prompt);
    plain_pass();
  };
  constexpr int kRuns = 15;
  PrintRow(bundle->name + ", one pass",
           Compare([&] { ours.Forward(video, audio, kTimestep, negative); }, plain_pass, kRuns));
  PrintRow(bundle->name + ", guided step as two passes", Compare(
                                                             [&] {
                                                               ours.Forward(video, audio, kTimestep, positive);
                                                               ours.Forward(video, audio, kTimestep, negative);
                                                             },
                                                             plain_step, kRuns));
  PrintRow(bundle->name + ", guided step as a pair",
           Compare([&] { ours.ForwardPair(video, audio, kTimestep, positive, negative); }, plain_step, kRuns));
  return absl::OkStatus();
}

}  // namespace
}  // namespace ovi::bench

int main(int argc, char** argv) { return ovi::bench::RunBundles(argc, argv, ovi::bench::Run); }
