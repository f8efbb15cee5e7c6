#include "engine/pipeline/models.h"

#include <ATen/Context.h>
#include <c10/core/InferenceMode.h>

#include <utility>

#include "base/status_macros.h"
#include "engine/checkpoint/bundle.h"
#include "engine/checkpoint/tensor_file.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/device.h"
#include "engine/guard.h"

namespace ovi {
namespace {

absl::StatusOr<FusionModel> LoadFusion(const BundleConfig& bundle, const CheckpointConfig& checkpoint,
                                       const AttentionChoice& attention, const Placement& placement) {
  OVI_ASSIGN_OR_RETURN(std::shared_ptr<const TensorFile> file, OpenTensorFile(checkpoint.fusion_file));
  Weights weights(std::move(file), placement);
  FusionModel model(weights.Root(), bundle.fusion, attention);
  OVI_RETURN_IF_ERROR(weights.Finish());
  return model;
}

absl::StatusOr<std::unique_ptr<Models>> Load(const BundleConfig& bundle, const CheckpointConfig& checkpoint,
                                             c10::Device device, at::ScalarType dtype,
                                             const std::string& attention_name, const std::string& convolution_name) {
  const c10::InferenceMode no_gradients;
  // float32 means float32: without this, convolutions on NVIDIA keep 10 bits of mantissa.
  at::globalContext().setAllowTF32CuDNN(false);
  const Placement placement = PlacementOf(device, dtype);
  const TowerConfig& tower = bundle.fusion.video;
  OVI_ASSIGN_OR_RETURN(AttentionSelection attention,
                       ChooseAttention({device, dtype, tower.num_heads, tower.head_dim()}, attention_name));
  OVI_ASSIGN_OR_RETURN(ConvolutionSelection convolution, ChooseConvolution(device, dtype, convolution_name));
  OVI_ASSIGN_OR_RETURN(PromptEncoder text, LoadPromptEncoder(bundle, placement));
  OVI_ASSIGN_OR_RETURN(FusionModel fusion, LoadFusion(bundle, checkpoint, attention.choice, placement));
  OVI_ASSIGN_OR_RETURN(VideoVae video,
                       LoadVideoVae(bundle.video_vae_file, bundle.video_vae, VideoPlacementOf(device, dtype)));
  OVI_ASSIGN_OR_RETURN(AudioDecoder audio, AudioDecoder::Load(bundle, placement));
  return std::make_unique<Models>(Models{bundle, checkpoint, device, dtype, std::move(attention),
                                         std::move(convolution), std::move(text), std::move(fusion), std::move(video),
                                         std::move(audio)});
}

}  // namespace

Placement PlacementOf(c10::Device device, at::ScalarType dtype) { return {device, dtype, dtype}; }
Placement VideoPlacementOf(c10::Device device, at::ScalarType dtype) {
  return {device, dtype, device.is_cpu() ? at::kFloat : dtype};
}

absl::StatusOr<std::unique_ptr<Models>> LoadModels(const BundleConfig& bundle, const CheckpointConfig& checkpoint,
                                                   c10::Device device, at::ScalarType dtype) {
  return Guard("load", [&] { return Load(bundle, checkpoint, device, dtype, "auto", "auto"); });
}

absl::StatusOr<std::unique_ptr<Models>> LoadModels(const EngineOptions& options) {
  OVI_ASSIGN_OR_RETURN(const c10::Device device, ParseDevice(options.device));
  OVI_ASSIGN_OR_RETURN(const at::ScalarType dtype, ParseDtype(options.dtype));
  OVI_ASSIGN_OR_RETURN(const BundleConfig bundle, OpenBundle(options.bundle, {.fusion = options.fusion_file,
                                                                              .text_encoder = options.text_encoder_file,
                                                                              .tokenizer = options.tokenizer_file,
                                                                              .video_vae = options.video_vae_file,
                                                                              .audio_vae = options.audio_vae_file,
                                                                              .vocoder = options.vocoder_file}));
  OVI_ASSIGN_OR_RETURN(const CheckpointConfig checkpoint, FindCheckpoint(bundle, options.checkpoint));
  return Guard("load", [&] { return Load(bundle, checkpoint, device, dtype, options.attention, options.convolution); });
}

}  // namespace ovi
