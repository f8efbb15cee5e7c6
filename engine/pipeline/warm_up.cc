#include "engine/pipeline/warm_up.h"

#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include "base/status_macros.h"
#include "engine/guard.h"
#include "engine/pipeline/stages.h"

namespace ovi {
namespace {

// Of a grey picture, as decoding and fitting one has nothing to do with the device.
absl::Status EncodeGreyFrame(const Models& models, const ClipSpec& spec) {
  return Guard("warm_up", [&]() -> absl::Status {
    const c10::InferenceMode no_gradients;
    const auto options = at::TensorOptions(models.device).dtype(at::kFloat);
    return models.video.encoder.Encode(at::zeros({1, 3, 1, spec.height, spec.width}, options)).status();
  });
}

}  // namespace

absl::Status WarmUp(const Models& models, ClipSpec spec) {
  spec.steps = 1;
  spec.preview_interval_steps = 0;
  GenerateObserver nobody;
  OVI_ASSIGN_OR_RETURN(const EncodedPrompts prompts, EncodePrompts(models, spec));
  OVI_RETURN_IF_ERROR(EncodeGreyFrame(models, spec));
  OVI_ASSIGN_OR_RETURN(const Latents noise,
                       Guard("warm_up", [&]() -> absl::StatusOr<Latents> { return DrawClipNoise(models, spec); }));
  OVI_ASSIGN_OR_RETURN(const Latents latents, Diffuse(models, spec, prompts, at::Tensor(), noise, nobody));
  OVI_RETURN_IF_ERROR(DecodeAudio(models, latents.audio, nobody).status());
  return DecodeVideo(models, latents.video, nobody, [](const at::Tensor&) { return absl::OkStatus(); });
}

}  // namespace ovi
