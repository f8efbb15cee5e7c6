// Cases of kind "fusion": the twin transformer from its embeddings to its velocities, looked into by a probe.
#include <ATen/ops/stack.h>
#include <ATen/ops/view_as_real.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/tensor_file.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/probe.h"
#include "engine/fusion/fusion_model.h"
#include "engine/fusion/rope.h"
#include "engine/fusion/time_embedding.h"
#include "engine/parity/parity_case.h"

namespace ovi {
namespace {

using Tensors = std::map<std::string, at::Tensor>;

// fusion_time: every timestep as a row of its own.
Tensors RunTime(const WeightScope& root, const FusionConfig& config, const at::Tensor& times) {
  const at::Tensor host = times.to(at::kCPU, at::kDouble).contiguous();
  const std::span<const double> timesteps(host.data_ptr<double>(), static_cast<size_t>(host.numel()));
  const TimeEmbedding video(root.Sub("video_model"), config.video), audio(root.Sub("audio_model"), config.audio);
  const TimeRows video_rows = video.Forward(timesteps), audio_rows = audio.Forward(timesteps);
  return {{"sinusoid", video.Sinusoid(timesteps)},
          {"video_e", video_rows.e},
          {"video_e0", video_rows.e0},
          {"audio_e", audio_rows.e},
          {"audio_e0", audio_rows.e0}};
}

// The rows of the first and of the last token [R, ...] -> [1, 2, ...]; audio tokens have one.
at::Tensor FirstAndLast(const at::Tensor& rows) { return at::stack({rows[0], rows[rows.size(0) - 1]}).unsqueeze(0); }

// Everything that one forward pass computes, by the names the goldens use.
Tensors RunForward(const FusionModel& model, const ParityContext& context, const ParityCase& parity_case) {
  const auto input = [&](const char* name) { return parity_case.inputs.at(name).to(context.device, context.dtype); };
  const nlohmann::json& args = parity_case.args;
  RecordingProbe probe;
  const FusionText text = model.PrepareText(input("video_text"), input("audio_text"), &probe);
  const Velocity velocity = model.Forward(input("video"), input("audio"), args.at("t").get<double>(), text,
                                          {.first_frame_is_clean = args.value("first_frame_is_clean", false),
                                           .slg_layer = args.value("slg_layer", int64_t{0}),
                                           .probe = &probe});
  Tensors result = {{"video_velocity", velocity.video}, {"audio_velocity", velocity.audio}};
  const std::string block = absl::StrFormat("blocks.%d.", args.value("block", 0));
  const std::string last = absl::StrFormat("blocks.%d.", model.config().video.num_layers - 1);
  for (const auto& [name, value] : probe.values()) {
    if (absl::StartsWith(name, block)) result[name.substr(block.size())] = value;
    if (name == last + "video_out") result["video_last"] = value;
    if (name == last + "audio_out") result["audio_last"] = value;
    if (!absl::StartsWith(name, "blocks.")) result[name] = value;
  }
  for (const char* name : {"video_e", "video_e0"}) result[name] = FirstAndLast(result.at(name));
  for (const char* name : {"audio_e", "audio_e0"}) result[name] = result.at(name).unsqueeze(0);
  result["video_freqs"] = at::view_as_real(RopeTable(model.config().video, context.device).table());
  result["audio_freqs"] = at::view_as_real(RopeTable(model.config().audio, context.device).table());
  return result;
}

}  // namespace

absl::StatusOr<CaseOutcome> RunFusionCase(const ParityContext& context, const ParityCase& parity_case) {
  OVI_ASSIGN_OR_RETURN(const std::shared_ptr<const TensorFile> file,
                       OpenTensorFile(context.bundle.checkpoints.at(0).fusion_file));
  Weights weights(file, {.device = context.device, .stored = context.dtype, .compute = context.dtype});
  const FusionModel model(weights.Root(), context.bundle.fusion);
  OVI_RETURN_IF_ERROR(weights.Finish());
  const auto times = parity_case.inputs.find("times");
  const Tensors computed = times != parity_case.inputs.end()
                               ? RunTime(weights.Root(), context.bundle.fusion, times->second)
                               : RunForward(model, context, parity_case);
  CaseOutcome outcome;
  for (const auto& [name, expected] : parity_case.expected) {
    const auto found = computed.find(name);
    if (found == computed.end()) {
      return absl::UnimplementedError(
          absl::StrFormat("%s expects %s, which the fusion model does not offer", parity_case.name, name));
    }
    // Rotary tables are stored for the first positions only.
    const bool table = absl::EndsWith(name, "_freqs");
    outcome.tensors[name] = table ? found->second.narrow(0, 0, expected.value.size(0)) : found->second;
  }
  return outcome;
}

}  // namespace ovi
