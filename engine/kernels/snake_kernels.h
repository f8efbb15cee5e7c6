// Launcher of the vocoder's fused activation (engine/audio_vae/anti_aliased_snake.h says what it computes). Pointers
// are device memory; indices are 64 bit. It returns after queueing; a launch that fails is reported by the next
// synchronisation.
#pragma once

#include <cstdint>

#include "engine/kernels/stream.h"

namespace ovi::gpu {

// Both filters by phase, as SnakePhases of engine/audio_vae/snake_kernel.h.
struct SnakeTaps {
  float up_even[6], up_odd[6], down_even[6], down_odd[6];
};

// bfloat16 in and out; what the filter up makes, what the snake makes and the result are rounded, all else is float.
struct AntiAliasedSnakeArgs {
  const uint16_t* x = nullptr;          // [rows, length], rows = batch * channels
  uint16_t* y = nullptr;                // [rows, length], not overlapping x
  const float* alpha = nullptr;         // [channels]
  const float* inverse_beta = nullptr;  // [channels]
  int64_t rows = 0, channels = 0, length = 0;
  SnakeTaps taps = {};
};
void LaunchAntiAliasedSnake(const AntiAliasedSnakeArgs& args, Stream stream);

}  // namespace ovi::gpu
