// Everything one checkpoint needs, on the device, for as long as the server lives.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <memory>

#include "absl/status/statusor.h"
#include "engine/audio_vae/audio_decoder.h"
#include "engine/checkpoint/config.h"
#include "engine/device/attention_selection.h"
#include "engine/device/convolution_backend.h"
#include "engine/engine.h"
#include "engine/fusion/fusion_model.h"
#include "engine/text/prompt_encoder.h"
#include "engine/video_vae/video_vae.h"

namespace ovi {

// Immutable once loaded.
struct Models {
  BundleConfig bundle;
  CheckpointConfig checkpoint;
  c10::Device device;
  at::ScalarType dtype;
  AttentionSelection attention;
  ConvolutionSelection convolution;
  PromptEncoder text;
  FusionModel fusion;
  VideoVae video;
  AudioDecoder audio;
};

// How the weights of each part are held in a run of `dtype`. On a CPU the video VAE's are rounded to it and computed
// with in float32, as upstream does; an accelerator computes in `dtype` itself (docs/decisions/0004).
Placement PlacementOf(c10::Device device, at::ScalarType dtype);
Placement VideoPlacementOf(c10::Device device, at::ScalarType dtype);

// Reads `options.bundle` and loads every part. Errors as LoadEngine's.
absl::StatusOr<std::unique_ptr<Models>> LoadModels(const EngineOptions& options);

// The same for a bundle that is open already, with kernels chosen by trying. `checkpoint` is one of it.
absl::StatusOr<std::unique_ptr<Models>> LoadModels(const BundleConfig& bundle, const CheckpointConfig& checkpoint,
                                                   c10::Device device, at::ScalarType dtype);

}  // namespace ovi
