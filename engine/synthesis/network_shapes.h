// Which tensors the files of a bundle hold: asked of the networks themselves, so that no list can disagree with them.
#pragma once

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"

namespace ovi {

struct BundleShapes {
  TensorShapes fusion, text_encoder, video_vae, audio_vae, vocoder;
};

// Builds every network of `bundle`, both directions of the VAEs too, without memory for its weights and without reading
// a file. LibTorch exceptions (numbers that no network can have) are let through.
BundleShapes ShapesOf(const BundleConfig& bundle);

}  // namespace ovi
