#include "engine/pipeline/clip_resolver.h"

#include <random>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "base/status_macros.h"
#include "engine/media/image.h"
#include "engine/request/checkpoint_info.h"
#include "engine/request/resolve.h"
#include "engine/text/audio_tags.h"
#include "engine/text/clean_prompt.h"
#include "engine/text/prompt_warnings.h"

namespace ovi {
namespace {

// Notes what is wrong with the picture, or gives its size.
void InspectFirstFrame(const std::string& bytes, const CheckpointInfo& checkpoint, ResolveContext& context) {
  if (bytes.empty()) return;  // ResolveRequest says so
  const ImageLimits limits{.max_bytes = checkpoint.max_image_bytes, .max_pixels = checkpoint.max_image_pixels};
  const absl::StatusOr<RgbImage> image = DecodeImage(bytes, limits);
  if (image.ok()) {
    context.picture = PixelSize{image->height, image->width};
  } else {
    context.found.Add("first_frame", "INVALID_IMAGE", std::string(image.status().message()));
  }
}

uint64_t DrawSeed() { return std::random_device()(); }

}  // namespace

ClipResolver::ClipResolver(const BundleConfig& bundle, const CheckpointConfig& checkpoint, const Tokenizer& tokenizer)
    : checkpoints_({MakeCheckpointInfo(checkpoint, bundle)}),
      audio_tags_(checkpoint.audio_tags),
      text_len_(bundle.fusion.video.text_len),
      tokenizer_(tokenizer) {}

absl::StatusOr<ClipSpec> ClipResolver::Resolve(const ClipRequest& request) const {
  OVI_ASSIGN_OR_RETURN(const CheckpointInfo* const checkpoint, FindCheckpoint(checkpoints_, request.checkpoint));
  ResolveContext context;
  context.draw_seed = DrawSeed;
  if (request.first_frame) InspectFirstFrame(*request.first_frame, *checkpoint, context);
  OVI_ASSIGN_OR_RETURN(ClipSpec spec, ResolveRequest(request, *checkpoint, context));
  spec.effective_prompt = CleanPrompt(FormatAudioTags(spec.prompt, audio_tags_));
  if (spec.effective_prompt.empty()) {
    FieldViolations violations;
    violations.Add(
        "prompt", "EMPTY_PROMPT",
        absl::StrFormat("prompt: nothing is left of its %d bytes after cleaning; say what is to be seen and heard",
                        spec.prompt.size()));
    return violations.ToStatus();
  }
  for (std::string& warning : PromptWarnings(tokenizer_, spec.effective_prompt, text_len_)) {
    spec.warnings.push_back(std::move(warning));
  }
  return spec;
}

}  // namespace ovi
