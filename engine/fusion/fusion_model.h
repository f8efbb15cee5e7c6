// The twin diffusion transformer: a video and an audio tower of equal width that run in lockstep and attend to each
// other in every block. Given a noisy clip and a timestep it predicts the velocity, noise minus data, of both.
//
// One clip at a time, no batch dimension outside: video latents are [C, F, h, w], audio latents [L, C], velocities are
// shaped like them. Everything is computed on the device and in the dtype (float32 or bfloat16) of the weights; in
// bfloat16 every rounding stands where upstream's mixed precision puts it. Nothing here waits for the device.
// Immutable once built; Forward may be called from several threads. LibTorch exceptions are let through.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/attention_backend.h"
#include "engine/fusion/fusion_text.h"

namespace ovi {

class Probe;

struct Velocity {
  at::Tensor video;  // [C, F, h, w]
  at::Tensor audio;  // [L, C]
};

struct ForwardOptions {
  // The first latent frame is a clean picture, not noise: its tokens are told timestep 0. Sound keeps the timestep.
  bool first_frame_is_clean = false;
  // Skip-layer guidance: the block that is left out in both towers. 0 or less, or at least num_layers: none, as in
  // upstream, which cannot skip block 0. In ForwardPair only the negative pass leaves it out.
  int64_t slg_layer = 0;
  // Is offered {video,audio}_{tokens,e,e0}, and of block i `blocks.<i>.` followed by {video,audio}_{in,after_self,out},
  // {video,audio}_{self_q,self_k}{_before,}, {video,audio}_cross_q, video_cross_k_from_audio, audio_cross_k_from_video.
  Probe* probe = nullptr;
};

class FusionModel {
 public:
  // Takes `video_model.*` and `audio_model.*` out of `weights`.
  FusionModel(WeightScope weights, const FusionConfig& config, const AttentionChoice& attention = {});
  ~FusionModel();
  FusionModel(FusionModel&&) noexcept;

  // What of a prompt does not depend on the step: compute it once per clip. video_text and audio_text are text encoder
  // rows [n, text_dim] with n <= text_len, not padded, of any floating dtype; a positive prompt gives both towers the
  // same rows, a negative one each its own.
  FusionText PrepareText(const at::Tensor& video_text, const at::Tensor& audio_text, Probe* probe = nullptr) const;

  // One pass. `timestep` is in [0, 1000]: an integer for UniPC and DPM++, any number for Euler.
  Velocity Forward(const at::Tensor& video, const at::Tensor& audio, double timestep, const FusionText& text,
                   const ForwardOptions& options = {}) const;

  // The positive and the negative pass of one guided step at once: what Forward gives for `positive` without a skipped
  // block and for `negative` with it, up to float rounding. Takes the memory of two passes; what comes before the
  // prompt's first influence (embeddings, self-attention of block 0) is computed once.
  std::pair<Velocity, Velocity> ForwardPair(const at::Tensor& video, const at::Tensor& audio, double timestep,
                                            const FusionText& positive, const FusionText& negative,
                                            const ForwardOptions& options = {}) const;

  const FusionConfig& config() const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace ovi
