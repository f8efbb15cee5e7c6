#include "engine/pipeline/stages.h"

#include <c10/core/InferenceMode.h>

#include <optional>
#include <string>

#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "engine/guard.h"
#include "engine/media/first_frame.h"
#include "engine/media/frames.h"
#include "engine/media/image.h"
#include "engine/sampling/denoise.h"
#include "engine/text/clean_prompt.h"

namespace ovi {
namespace {

// A picture of the middle of the clip: the first frame of a clip says least about its motion.
absl::StatusOr<std::string> PreviewPng(const Models& models, const at::Tensor& video) {
  const at::Tensor latent = video.unsqueeze(0).narrow(2, video.size(1) / 2, 1);
  OVI_ASSIGN_OR_RETURN(const at::Tensor frame, models.video.decoder.DecodeFirstFrame(latent));  // [3, H, W]
  const at::Tensor rgb = ToRgbFrames(frame.unsqueeze(1));                                       // [1, H, W, 3]
  return EncodePng(rgb.const_data_ptr<uint8_t>(), rgb.size(2), rgb.size(1));
}

}  // namespace

absl::Status StoppedIn(std::string_view stage) {
  return absl::CancelledError(absl::StrFormat("stopped during %s, as asked", stage));
}

absl::StatusOr<EncodedPrompts> EncodePrompts(const Models& models, const ClipSpec& spec) {
  return Guard("text_encode", [&]() -> absl::StatusOr<EncodedPrompts> {
    const c10::InferenceMode no_gradients;
    const std::vector<at::Tensor> text = models.text.Encode(
        {spec.effective_prompt, CleanPrompt(spec.video_negative_prompt), CleanPrompt(spec.audio_negative_prompt)});
    return EncodedPrompts{text[0], text[1], text[2]};
  });
}

absl::StatusOr<at::Tensor> EncodeFirstFrame(const Models& models, const ClipSpec& spec) {
  return Guard("first_frame_encode", [&]() -> absl::StatusOr<at::Tensor> {
    if (spec.first_frame.empty()) return at::Tensor();
    const c10::InferenceMode no_gradients;
    OVI_ASSIGN_OR_RETURN(const RgbImage image, DecodeImage(spec.first_frame));
    const at::Tensor picture = PrepareFirstFrame(image, spec.height, spec.width, spec.image_fit, models.dtype);
    const at::Tensor frames = picture.unsqueeze(2).to(models.device, at::kFloat);  // [1, 3, 1, H, W]
    OVI_ASSIGN_OR_RETURN(const at::Tensor latent, models.video.encoder.Encode(frames));
    return latent.squeeze(0).to(models.dtype);
  });
}

Latents DrawClipNoise(const Models& models, const ClipSpec& spec) {
  const c10::InferenceMode no_gradients;
  const int64_t stride = models.video.decoder.stride();
  return DrawNoise({.video_channels = models.bundle.fusion.video.in_dim,
                    .frames = models.checkpoint.video_latent_frames,
                    .height = spec.height / stride,
                    .width = spec.width / stride,
                    .audio_length = models.checkpoint.audio_latent_length,
                    .audio_channels = models.bundle.fusion.audio.in_dim},
                   spec.seed, spec.noise_source, models.device, models.dtype);
}

absl::StatusOr<Latents> Diffuse(const Models& models, const ClipSpec& spec, const EncodedPrompts& prompts,
                                const at::Tensor& first_frame, const Latents& noise, GenerateObserver& observer) {
  return Guard("diffusion", [&]() -> absl::StatusOr<Latents> {
    const c10::InferenceMode no_gradients;
    const FusionVelocityModel velocity(models.fusion, models.fusion.PrepareText(prompts.positive, prompts.positive),
                                       models.fusion.PrepareText(prompts.video_negative, prompts.audio_negative),
                                       {.first_frame_is_clean = first_frame.defined(), .slg_layer = spec.slg_layer});
    DenoiseOptions options{
        .solver = spec.solver,
        .steps = spec.steps,
        .shift = spec.shift,
        .video_guidance_scale = spec.video_guidance_scale,
        .audio_guidance_scale = spec.audio_guidance_scale,
        // Both passes at once cost the memory of two; the CPU has it, and gains from larger products.
        .passes = models.device.is_cpu() ? Passes::kTogether : Passes::kOneByOne,
        .preview_interval_steps = spec.preview_interval_steps};
    options.on_preview = [&](int step, const at::Tensor& video) -> absl::Status {
      OVI_ASSIGN_OR_RETURN(std::string png, PreviewPng(models, video));
      observer.OnPreview({step, std::move(png)});
      return absl::OkStatus();
    };
    return Denoise(velocity, noise, first_frame, options, observer, RealClock());
  });
}

absl::StatusOr<at::Tensor> DecodeAudio(const Models& models, const at::Tensor& latent, GenerateObserver& observer) {
  return Guard("audio_decode", [&]() -> absl::StatusOr<at::Tensor> {
    const c10::InferenceMode no_gradients;
    if (observer.ShouldStop()) return StoppedIn("audio_decode");
    return models.audio.Decode(latent, [&] { return observer.ShouldStop(); });
  });
}

absl::Status DecodeVideo(const Models& models, const at::Tensor& latent, GenerateObserver& observer,
                         const FrameSink& sink) {
  return Guard("video_decode", [&]() -> absl::Status {
    const c10::InferenceMode no_gradients;
    OVI_ASSIGN_OR_RETURN(VideoDecodeStream stream, models.video.decoder.Start(latent.unsqueeze(0)));
    DecodeProgress progress{.frames = static_cast<int>(stream.frames())};
    while (true) {
      if (observer.ShouldStop()) return StoppedIn("video_decode");
      const std::optional<at::Tensor> frames = stream.NextRgb();  // [n, H, W, 3]
      if (!frames) return absl::OkStatus();
      OVI_RETURN_IF_ERROR(sink(*frames));
      progress.frames_done += static_cast<int>(frames->size(0));
      observer.OnDecode(progress);
    }
  });
}

}  // namespace ovi
