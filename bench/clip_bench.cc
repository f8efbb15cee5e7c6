// A whole clip with the bundle's defaults, stage by stage: ours from the request to the finished file, against the same
// networks in eager LibTorch calls, whose stages end at the tensors (no file), in the same run.
//   clip_bench FOLDER...         such as models/demo; a bundle each
#include <ATen/ops/randn.h>

#include <filesystem>

#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "bench/compare.h"
#include "bench/plain_fusion.h"
#include "bench/plain_video_decoder.h"
#include "bench/plain_vocoder.h"
#include "bench/run_bundles.h"
#include "engine/audio_vae/audio_decoder.h"
#include "engine/checkpoint/bundle.h"
#include "engine/engine.h"
#include "engine/sampling/denoise.h"

namespace ovi::bench {
namespace {

constexpr char kPrompt[] = "A red ball bounces up and down on a black background. Audio: A dull thud at every bounce.";

class PlainVelocity final : public VelocityModel {
 public:
  PlainVelocity(const PlainFusion& model, int64_t text_dim)
      : model_(model), prompt_(at::randn({24, text_dim})), negative_(at::randn({9, text_dim})) {}
  Velocity Positive(const Latents& x, double timestep) const override {
    return model_.Forward(x.video, x.audio, timestep, prompt_, prompt_);
  }
  Velocity Negative(const Latents& x, double timestep) const override {
    return model_.Forward(x.video, x.audio, timestep, negative_, negative_);
  }

 private:
  const PlainFusion& model_;
  const at::Tensor prompt_, negative_;
};

absl::StatusOr<ClipResult> Ours(const std::string& folder) {
  EngineOptions options;
  options.bundle = folder;
  OVI_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, LoadEngine(options));
  ClipRequest request;
  request.prompt = kPrompt;
  request.seed = 100;
  const std::string path = (std::filesystem::temp_directory_path() / "ovi_clip_bench.mp4").string();
  GenerateObserver observer;
  ClipResult result;
  for (int run = 0; run < 2; ++run) {  // the first one warms up
    OVI_ASSIGN_OR_RETURN(const ClipSpec spec, engine->Resolve(request));
    OVI_ASSIGN_OR_RETURN(result, engine->Generate(spec, path, observer));
    std::filesystem::remove(path);
  }
  return result;
}

absl::Status Run(const std::string& folder) {
  OVI_ASSIGN_OR_RETURN(const ClipResult ours, Ours(folder));
  OVI_ASSIGN_OR_RETURN(const BundleConfig bundle, OpenBundle(folder));
  const CheckpointConfig& checkpoint = bundle.checkpoints.front();
  OVI_ASSIGN_OR_RETURN(PlainWeights fusion_weights, LoadPlainWeights(checkpoint.fusion_file));
  const PlainFusion fusion(std::move(fusion_weights), bundle.fusion);
  OVI_ASSIGN_OR_RETURN(PlainWeights video_weights, LoadPlainWeights(bundle.video_vae_file));
  const PlainVideoDecoder video(std::move(video_weights), bundle.video_vae);
  OVI_ASSIGN_OR_RETURN(PlainWeights vocoder_weights, LoadPlainWeights(bundle.vocoder_file));
  const PlainVocoder vocoder(std::move(vocoder_weights), bundle.vocoder);
  OVI_ASSIGN_OR_RETURN(const AudioDecoder audio, AudioDecoder::Load(bundle, Placement{}));

  constexpr int64_t kStride = 16;
  const Latents noise = {.video = at::randn({bundle.fusion.video.in_dim, checkpoint.video_latent_frames,
                                             ours.height / kStride, ours.width / kStride}),
                         .audio = at::randn({checkpoint.audio_latent_length, bundle.fusion.audio.in_dim})};
  const PlainVelocity velocity(fusion, bundle.fusion.video.text_dim);
  DenoiseOptions options;
  options.solver = bundle.defaults.solver;
  options.steps = static_cast<int>(bundle.defaults.steps);
  GenerateObserver observer;
  const double diffusion = Seconds([&] { Denoise(velocity, noise, {}, options, observer, RealClock()).value(); });
  const double audio_decode = Seconds([&] { vocoder.Forward(audio.vae().Decode(noise.audio.t().unsqueeze(0))); });
  const double video_decode = Seconds([&] { video.Forward(noise.video.unsqueeze(0)); });

  const auto row = [&](const char* stage, absl::Duration ours_time, double plain_seconds) {
    PrintRow(absl::StrFormat("%s: %s", bundle.name, stage), {absl::ToDoubleSeconds(ours_time), plain_seconds});
  };
  row(absl::StrFormat("diffusion, %d steps", options.steps).c_str(), ours.diffusion_time, diffusion);
  row("sound decode", ours.audio_decode_time, audio_decode);
  row("video decode (ours: into H.264)", ours.video_decode_time, video_decode);
  row("prompt to finished MP4", ours.total_time, diffusion + audio_decode + video_decode);
  return absl::OkStatus();
}

}  // namespace
}  // namespace ovi::bench

int main(int argc, char** argv) { return ovi::bench::RunBundles(argc, argv, ovi::bench::Run); }
