// The memory of the video VAE while it encodes or decodes: its layers, walked as the network runs them, with what each
// holds. A part of the memory model.
//
// A causal layer copies its input behind the two frames before it (a window of T + 2 frames) and keeps the last two of
// those for the next chunk. All that is kept is alive all the time; of the layers only the widest counts.
#pragma once

#include <cstdint>

#include "engine/checkpoint/config.h"
#include "engine/pipeline/memory_coefficients.h"
#include "engine/video_vae/vae_stage.h"

namespace ovi {

class VaeMemory {
 public:
  // Pictures of `height` x `width` pixels, activations of `value_bytes` each.
  VaeMemory(const VideoVaeConfig& config, int64_t height, int64_t width, int64_t value_bytes,
            const MemoryCoefficients& coefficients)
      : config_(config), height_(height), width_(width), value_bytes_(value_bytes), coefficients_(coefficients) {}

  double EncodeFirstFrameBytes() const;
  double DecodeFirstFrameBytes() const { return DecodeChunkBytes(1, /*is_first=*/true); }
  // The widest chunk of a clip.
  double DecodeBytes() const { return DecodeChunkBytes(GroupFrames(), /*is_first=*/false); }

 private:
  struct Walk;
  // Latent frames of a chunk, as VideoVaeDecoder chooses them on a CPU. On a GPU it takes two and then goes on in
  // pieces; one frame's widest layer came within 1 % of that peak on an H200, weights included.
  int64_t GroupFrames() const;
  double DecodeChunkBytes(int64_t latent_frames, bool is_first) const;

  const VideoVaeConfig& config_;
  const int64_t height_, width_, value_bytes_;
  const MemoryCoefficients& coefficients_;
};

}  // namespace ovi
