#include "engine/request/resolve.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "engine/request/resolve_size.h"
#include "engine/request/utf8.h"

namespace ovi {
namespace {

constexpr double kMinShift = 0.01, kMaxShift = 100;
constexpr double kMaxGuidanceScale = 100;
constexpr uint64_t kCpuSeedMask = 0xFFFFFFFF;  // what the CPU's generator takes of a seed

// Writes into `spec`, field by field, what `request` asks for or the checkpoint's default.
class Resolver {
 public:
  Resolver(const ClipRequest& request, const CheckpointInfo& checkpoint, FieldViolations violations)
      : request_(request), checkpoint_(checkpoint), violations_(std::move(violations)) {}

  void Prompts(ClipSpec& spec) {
    spec.prompt = spec.effective_prompt = request_.prompt;
    spec.video_negative_prompt = request_.video_negative_prompt.value_or(checkpoint_.default_video_negative_prompt);
    spec.audio_negative_prompt = request_.audio_negative_prompt.value_or(checkpoint_.default_audio_negative_prompt);
    CheckText("prompt", spec.prompt);
    CheckText("video_negative_prompt", spec.video_negative_prompt);
    CheckText("audio_negative_prompt", spec.audio_negative_prompt);
    if (IsBlank(spec.prompt)) {
      violations_.Add("prompt", "EMPTY_PROMPT", "prompt is empty; describe the clip in a sentence or two");
    }
  }

  void Numbers(ClipSpec& spec) {
    spec.steps = Integer("steps", "STEPS_OUT_OF_RANGE", request_.steps.value_or(checkpoint_.default_steps), 1,
                         checkpoint_.max_steps);
    spec.slg_layer =
        Integer("slg_layer", "SLG_LAYER_OUT_OF_RANGE", request_.slg_layer.value_or(checkpoint_.default_slg_layer), 0,
                checkpoint_.num_layers - 1, " (0 skips none)");
    spec.preview_interval_steps =
        Integer("preview_interval_steps", "PREVIEW_INTERVAL_OUT_OF_RANGE", request_.preview_interval_steps, 0,
                checkpoint_.max_steps, " (0: no preview)");
    spec.solver = request_.solver.value_or(checkpoint_.default_solver);
    spec.shift =
        Number("shift", "SHIFT_OUT_OF_RANGE", request_.shift.value_or(checkpoint_.default_shift), kMinShift, kMaxShift);
    spec.video_guidance_scale =
        Number("video_guidance_scale", "GUIDANCE_OUT_OF_RANGE",
               request_.video_guidance_scale.value_or(checkpoint_.default_video_guidance_scale), 0, kMaxGuidanceScale);
    spec.audio_guidance_scale =
        Number("audio_guidance_scale", "GUIDANCE_OUT_OF_RANGE",
               request_.audio_guidance_scale.value_or(checkpoint_.default_audio_guidance_scale), 0, kMaxGuidanceScale);
  }

  void Size(ClipSpec& spec, const std::optional<PixelSize>& picture) {
    const std::optional<PixelSize> size = request_.first_frame.has_value()
                                              ? SizeForPicture(picture, checkpoint_, violations_)
                                              : SizeForText(request_, checkpoint_, violations_);
    if (!size.has_value()) return;
    spec.height = static_cast<int>(size->height);
    spec.width = static_cast<int>(size->width);
  }

  void FirstFrame(ClipSpec& spec) {
    if (!request_.first_frame.has_value()) return;
    spec.first_frame = *request_.first_frame;
    if (spec.first_frame.empty()) {
      violations_.Add("first_frame", "EMPTY_IMAGE",
                      "first_frame is empty; send a PNG, JPEG or WebP file, or leave the field out");
    }
    if (request_.height.has_value() || request_.width.has_value()) {
      spec.warnings.push_back("height and width are ignored: the first frame decides the size");
    }
  }

  absl::Status status() const { return violations_.ToStatus(); }

 private:
  void CheckText(const std::string& field, const std::string& text) {
    if (static_cast<int64_t>(text.size()) > checkpoint_.max_prompt_bytes) {
      violations_.Add(field, "PROMPT_TOO_LONG",
                      absl::StrFormat("%s is %d bytes long; shorten it to at most %d", field, text.size(),
                                      checkpoint_.max_prompt_bytes));
    }
    if (!IsValidUtf8(text)) {
      violations_.Add(field, "INVALID_UTF8", absl::StrFormat("%s is not valid UTF-8; encode it as UTF-8", field));
    }
  }

  int Integer(const std::string& field, const char* reason, int64_t value, int64_t min, int64_t max,
              const char* note = "") {
    if (value >= min && value <= max) return static_cast<int>(value);
    violations_.Add(field, reason, absl::StrFormat("%s is %d; ask for %d to %d%s", field, value, min, max, note));
    return 0;
  }

  double Number(const std::string& field, const char* reason, double value, double min, double max) {
    if (value >= min && value <= max) return value;
    violations_.Add(field, std::isfinite(value) ? reason : "NOT_FINITE",
                    absl::StrFormat("%s is %g; ask for a number from %g to %g", field, value, min, max));
    return 0;
  }

  const ClipRequest& request_;
  const CheckpointInfo& checkpoint_;
  FieldViolations violations_;
};

}  // namespace

absl::StatusOr<const CheckpointInfo*> FindCheckpoint(std::span<const CheckpointInfo> served, const std::string& name) {
  if (name.empty()) return &served.front();
  const auto found =
      std::find_if(served.begin(), served.end(), [&](const CheckpointInfo& info) { return info.name == name; });
  if (found != served.end()) return &*found;
  const std::string names =
      absl::StrJoin(served, ", ", [](std::string* out, const CheckpointInfo& info) { out->append(info.name); });
  return WithReason(absl::NotFoundError(absl::StrFormat("checkpoint is \"%s\"; this server has: %s", name, names)),
                    "UNKNOWN_CHECKPOINT");
}

absl::StatusOr<ClipSpec> ResolveRequest(const ClipRequest& request, const CheckpointInfo& checkpoint,
                                        const ResolveContext& context) {
  ClipSpec spec;
  Resolver resolver(request, checkpoint, context.found);
  resolver.Prompts(spec);
  resolver.FirstFrame(spec);
  resolver.Size(spec, context.picture);
  resolver.Numbers(spec);
  OVI_RETURN_IF_ERROR(resolver.status());
  if (request.first_frame.has_value() && !context.picture.has_value()) {
    return absl::InternalError("first_frame has no size and nothing was found against it");
  }

  spec.checkpoint = checkpoint.name;
  spec.frames = checkpoint.frames;
  spec.image_fit = request.image_fit;
  spec.noise_source = request.noise_source;
  spec.output_format = request.output_format;
  spec.seed = request.seed.has_value() ? *request.seed : context.draw_seed() & kCpuSeedMask;
  if (spec.noise_source == NoiseSource::kCpu && spec.seed > kCpuSeedMask) {
    spec.warnings.push_back(
        absl::StrFormat("seed %d gives the same noise as %d: noise_source CPU takes its low 32 bits", spec.seed,
                        spec.seed & kCpuSeedMask));
  }
  return spec;
}

}  // namespace ovi
