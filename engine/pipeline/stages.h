// The stages of a clip, each from values to values: prompts to text, picture to latent, noise to latents, latents to
// frames and sound. Generate runs them with a file at the end; the end-to-end goldens run them and look at the tensors.
//
// All run on the caller's thread under Guard: a LibTorch exception comes back as a Status that names the stage. What a
// stage returns is all that stays of it on the device.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/clip.h"
#include "engine/observer.h"
#include "engine/pipeline/models.h"
#include "engine/sampling/latents.h"

namespace ovi {

// The prompts as the towers will read them, [n, text_dim] each.
struct EncodedPrompts {
  at::Tensor positive, video_negative, audio_negative;
};
absl::StatusOr<EncodedPrompts> EncodePrompts(const Models& models, const ClipSpec& spec);

// The clean first latent frame [C, 1, h, w] in the loop's dtype; undefined for text to video.
absl::StatusOr<at::Tensor> EncodeFirstFrame(const Models& models, const ClipSpec& spec);

// The initial noise of the clip.
Latents DrawClipNoise(const Models& models, const ClipSpec& spec);

// The sampling loop. Previews go to the observer as PNG, one decoded latent frame of what the model foresees.
// Cancelled if the observer stops it.
absl::StatusOr<Latents> Diffuse(const Models& models, const ClipSpec& spec, const EncodedPrompts& prompts,
                                const at::Tensor& first_frame, const Latents& noise, GenerateObserver& observer);

// Waveform in [-1, 1], float32 [samples] on the CPU.
absl::StatusOr<at::Tensor> DecodeAudio(const Models& models, const at::Tensor& latent, GenerateObserver& observer);

// Hands frames on, group by group, as uint8 [n, H, W, 3] on the CPU. `sink`'s error ends it.
using FrameSink = std::function<absl::Status(const at::Tensor& frames)>;
absl::Status DecodeVideo(const Models& models, const at::Tensor& latent, GenerateObserver& observer,
                         const FrameSink& sink);

// Cancelled, naming where.
absl::Status StoppedIn(std::string_view stage);

}  // namespace ovi
