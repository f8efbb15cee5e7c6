// Cases of kind "loop": guided steps of the real fusion model from given noise and text embeddings.
#include <ATen/ops/from_blob.h>
#include <ATen/ops/stack.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "engine/checkpoint/tensor_file.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/probe.h"
#include "engine/fusion/fusion_model.h"
#include "engine/observer.h"
#include "engine/parity/parity_case.h"
#include "engine/parity/sampling_solver_name.h"
#include "engine/sampling/denoise.h"
#include "engine/sampling/schedule.h"

namespace ovi {
namespace {

absl::StatusOr<DenoiseOptions> OptionsOf(const nlohmann::json& args) {
  OVI_ASSIGN_OR_RETURN(const Solver solver, SolverOfGolden(args.at("solver").get<std::string>()));
  return DenoiseOptions{.solver = solver,
                        .steps = args.at("steps").get<int>(),
                        .shift = args.at("shift").get<double>(),
                        .video_guidance_scale = args.at("video_guidance_scale").get<double>(),
                        .audio_guidance_scale = args.at("audio_guidance_scale").get<double>()};
}

at::Tensor StackSteps(const RecordingProbe& probe, int steps, const char* name) {
  std::vector<at::Tensor> values;
  for (int i = 0; i < steps; ++i) values.push_back(probe.values().at(absl::StrFormat("steps.%d.%s", i, name)));
  return at::stack(values);
}

absl::StatusOr<CaseOutcome> RunLoop(const FusionModel& model, const ParityContext& context,
                                    const ParityCase& parity_case) {
  const auto input = [&](const char* name) { return parity_case.inputs.at(name).to(context.device, context.dtype); };
  const at::Tensor text = input("text");
  const bool first_frame_is_clean = parity_case.args.value("first_frame_is_clean", false);
  const FusionVelocityModel velocity(
      model, model.PrepareText(text, text), model.PrepareText(input("video_negative"), input("audio_negative")),
      {.first_frame_is_clean = first_frame_is_clean, .slg_layer = parity_case.args.value("slg_layer", int64_t{0})});

  OVI_ASSIGN_OR_RETURN(DenoiseOptions options, OptionsOf(parity_case.args));
  OVI_ASSIGN_OR_RETURN(const Schedule schedule, MakeSchedule(options.solver, options.steps, options.shift));
  std::vector<double> timesteps = schedule.timesteps;
  RecordingProbe probe;
  options.probe = &probe;
  GenerateObserver observer;
  const at::Tensor first_frame = first_frame_is_clean ? input("first_frame_latent")[0] : at::Tensor();
  OVI_ASSIGN_OR_RETURN(const Latents latents,
                       Denoise(velocity, {.video = input("video_noise"), .audio = input("audio_noise")}, first_frame,
                               options, observer, RealClock()));
  const auto first = [&](const char* name) { return probe.values().at(absl::StrFormat("steps.0.%s", name)); };
  return CaseOutcome{
      .tensors = {{"timesteps", at::from_blob(timesteps.data(), {options.steps}, at::kDouble).to(at::kFloat)},
                  {"step0_video_positive", first("video_positive")},
                  {"step0_audio_positive", first("audio_positive")},
                  {"step0_video_negative", first("video_negative")},
                  {"step0_audio_negative", first("audio_negative")},
                  {"video_states", StackSteps(probe, options.steps, "video")},
                  {"audio_states", StackSteps(probe, options.steps, "audio")},
                  {"video_latent", latents.video.unsqueeze(0)},
                  {"audio_latent", latents.audio.unsqueeze(0).transpose(1, 2)}}};
}

}  // namespace

absl::StatusOr<CaseOutcome> RunLoopCase(const ParityContext& context, const ParityCase& parity_case) {
  OVI_ASSIGN_OR_RETURN(std::shared_ptr<const TensorFile> file,
                       OpenTensorFile(context.bundle.checkpoints.front().fusion_file));
  Weights weights(std::move(file), {.device = context.device, .stored = context.dtype, .compute = context.dtype});
  const FusionModel model(weights.Root(), context.bundle.fusion);
  OVI_RETURN_IF_ERROR(weights.Finish());
  return RunLoop(model, context, parity_case);
}

}  // namespace ovi
