#include "engine/synthesis/network_shapes.h"

#include <c10/core/InferenceMode.h>

#include "engine/audio_vae/audio_vae_decoder.h"
#include "engine/audio_vae/audio_vae_encoder.h"
#include "engine/audio_vae/vocoder.h"
#include "engine/fusion/fusion_model.h"
#include "engine/text/umt5_encoder.h"
#include "engine/video_vae/video_vae_decoder.h"
#include "engine/video_vae/video_vae_encoder.h"

namespace ovi {
namespace {

template <typename... Networks, typename Config>
TensorShapes Record(const Config& config) {
  TensorShapes shapes;
  Weights weights(&shapes);
  (Networks(weights.Root(), config), ...);
  return shapes;
}

}  // namespace

BundleShapes ShapesOf(const BundleConfig& bundle) {
  const c10::InferenceMode no_gradients;
  AudioVaeConfig audio_vae = bundle.audio_vae;
  audio_vae.mel_mean.clear();  // without them the network wants the file's, which upstream's file has
  audio_vae.mel_std.clear();
  return {.fusion = Record<FusionModel>(bundle.fusion),
          .text_encoder = Record<Umt5Encoder>(bundle.text_encoder),
          .video_vae = Record<VideoVaeEncoder, VideoVaeDecoder>(bundle.video_vae),
          .audio_vae = Record<AudioVaeEncoder, AudioVaeDecoder>(audio_vae),
          .vocoder = Record<Vocoder>(bundle.vocoder)};
}

}  // namespace ovi
