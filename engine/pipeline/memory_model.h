// How much memory a clip will need at its peak, from the sizes of the tensors that are alive in each stage.
//
// A prediction is checked against the ledger after every clip (memory_report.h). It may say too much for a stage that
// is not the widest; the peak is what admission goes by. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/checkpoint/config.h"

namespace ovi {

// What of a clip decides its memory.
struct ClipShape {
  int64_t height = 0, width = 0;  // pixels
  bool has_first_frame = false;
  bool has_previews = false;
};

// How the models are run.
struct RunShape {
  bool on_cpu = true;           // both passes of a step together, and the encoder's pictures count
  int64_t value_bytes = 4;      // of an activation of text encoder, transformer and audio decoder
  int64_t vae_value_bytes = 4;  // of an activation of the video VAE
};

// In bytes. The stages' figures include the models.
struct PeakPrediction {
  int64_t models = 0, text = 0, first_frame = 0, diffusion = 0, decode = 0;
  int64_t peak() const { return std::max({models, text, first_frame, diffusion, decode}); }
};

// `checkpoint` is one of `bundle`; `models_bytes` is what was allocated when they were loaded and no clip was made.
PeakPrediction PredictPeak(const BundleConfig& bundle, const CheckpointConfig& checkpoint, const ClipShape& clip,
                           const RunShape& run, int64_t models_bytes);

}  // namespace ovi
