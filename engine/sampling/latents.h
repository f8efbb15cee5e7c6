// What the sampling loop carries from noise to data, and where it starts.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>

#include "engine/clip.h"

namespace ovi {

struct Latents {
  at::Tensor video;  // [C, F, h, w]
  at::Tensor audio;  // [L, C]
};

struct LatentShape {
  int64_t video_channels = 0, frames = 0, height = 0, width = 0;  // height and width in latent pixels
  int64_t audio_length = 0, audio_channels = 0;
};

// Standard normal noise. Video and audio are drawn from two fresh generators with the same seed, as upstream does; so
// the sound's noise begins with the picture's numbers, and neither depends on the other's size.
//   kCpu     drawn in float32 on the CPU, then brought to `dtype` and `device`: the same on every device. The CPU's
//            generator takes the low 32 bits of the seed.
//   kDevice  drawn in `dtype` on `device`: what upstream gives on the same model of GPU.
// Throws c10::Error as LibTorch does.
Latents DrawNoise(const LatentShape& shape, uint64_t seed, NoiseSource source, c10::Device device,
                  at::ScalarType dtype);

}  // namespace ovi
