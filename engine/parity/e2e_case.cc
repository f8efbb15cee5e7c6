// Runs the cases of kind "e2e": the stages of a clip, with tensors instead of a file at the end.
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/bundle.h"
#include "engine/media/frames.h"
#include "engine/parity/parity_case.h"
#include "engine/parity/sampling_solver_name.h"
#include "engine/pipeline/clip_resolver.h"
#include "engine/pipeline/models.h"
#include "engine/pipeline/stages.h"

namespace ovi {
namespace {

absl::StatusOr<ClipRequest> RequestOf(const ParityCase& parity_case) {
  const nlohmann::json& args = parity_case.args;
  ClipRequest request;
  request.checkpoint = args.at("checkpoint").get<std::string>();
  request.prompt = args.at("prompt").get<std::string>();
  if (!args.at("image").is_null()) {
    const std::string path =
        (std::filesystem::path(parity_case.directory) / args.at("image").get<std::string>()).string();
    std::ifstream in(path, std::ios::binary);
    if (!in) return absl::NotFoundError(absl::StrFormat("%s: cannot be opened", path));
    request.first_frame = std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  } else {
    request.height = args.at("height").get<int64_t>();
    request.width = args.at("width").get<int64_t>();
  }
  request.seed = args.at("seed").get<uint64_t>();
  request.steps = args.at("steps").get<int64_t>();
  OVI_ASSIGN_OR_RETURN(request.solver, SolverOfGolden(args.at("solver").get<std::string>()));
  request.shift = args.at("shift").get<double>();
  request.video_guidance_scale = args.at("video_guidance_scale").get<double>();
  request.audio_guidance_scale = args.at("audio_guidance_scale").get<double>();
  request.slg_layer = args.at("slg_layer").get<int64_t>();
  request.video_negative_prompt = args.at("video_negative_prompt").get<std::string>();
  request.audio_negative_prompt = args.at("audio_negative_prompt").get<std::string>();
  return request;
}

absl::StatusOr<CaseOutcome> Run(const Models& models, const ClipSpec& spec) {
  GenerateObserver observer;
  CaseOutcome outcome;
  OVI_ASSIGN_OR_RETURN(const EncodedPrompts prompts, EncodePrompts(models, spec));
  OVI_ASSIGN_OR_RETURN(const at::Tensor first_frame, EncodeFirstFrame(models, spec));
  if (first_frame.defined()) outcome.tensors["first_frame_latent"] = first_frame.unsqueeze(0);
  const Latents noise = DrawClipNoise(models, spec);
  OVI_ASSIGN_OR_RETURN(const Latents latents, Diffuse(models, spec, prompts, first_frame, noise, observer));
  outcome.tensors["video_latent"] = latents.video.unsqueeze(0);
  outcome.tensors["audio_latent"] = latents.audio.t().unsqueeze(0);  // [1, C, L]
  OVI_ASSIGN_OR_RETURN(const at::Tensor waveform, DecodeAudio(models, latents.audio, observer));
  outcome.tensors["waveform"] = waveform;
  outcome.tensors["pcm"] = at::tensor(ToPcm(waveform), at::kShort);
  std::vector<at::Tensor> groups;
  OVI_RETURN_IF_ERROR(DecodeVideo(models, latents.video, observer, [&](const at::Tensor& frames) {
    groups.push_back(frames);
    return absl::OkStatus();
  }));
  outcome.tensors["frames"] = at::cat(groups);
  return outcome;
}

}  // namespace

absl::StatusOr<CaseOutcome> RunEndToEndCase(const ParityContext& context, const ParityCase& parity_case) {
  OVI_ASSIGN_OR_RETURN(const ClipRequest request, RequestOf(parity_case));
  OVI_ASSIGN_OR_RETURN(const CheckpointConfig checkpoint, FindCheckpoint(context.bundle, request.checkpoint));
  OVI_ASSIGN_OR_RETURN(const std::unique_ptr<Models> models,
                       LoadModels(context.bundle, checkpoint, context.device, context.dtype));
  const ClipResolver resolver(models->bundle, models->checkpoint, models->text.tokenizer());
  OVI_ASSIGN_OR_RETURN(const ClipSpec spec, resolver.Resolve(request));
  return Run(*models, spec);
}

}  // namespace ovi
