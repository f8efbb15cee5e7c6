// Launchers of the video VAE's fused kernels. Activations are bfloat16, one row of channels after another; float
// inside, rounded once where a result is stored. Pointers are device memory, 16-byte aligned; indices are 64 bit. They
// return after queueing; a launch that fails is reported by the next synchronisation.
#pragma once

#include <cstdint>

#include "engine/kernels/stream.h"

namespace ovi::gpu {

inline constexpr int64_t kMostVaeChannels = 1024;

// s = bf16(x + bias + addend), then y = s / max(|s|, smallest_norm) * sqrt(channels) * gamma, then silu(y).
struct NormSiluArgs {
  const uint16_t* x = nullptr;       // [rows, channels]
  const uint16_t* bias = nullptr;    // [channels]; null: none
  const uint16_t* addend = nullptr;  // [rows, channels]; null: none
  const uint16_t* gamma = nullptr;   // [channels]; unused without `out`
  uint16_t* sum = nullptr;           // [rows, channels], where s goes; may be x; null: not wanted
  uint16_t* out = nullptr;           // [rows, channels], not overlapping the inputs; null: not wanted
  int64_t rows = 0, channels = 0;    // channels: a multiple of 8, at most kMostVaeChannels
  float smallest_norm = 0;
};
void LaunchNormSilu(const NormSiluArgs& args, Stream stream);

// Four pictures interleaved into one of twice the size, plus a shortcut whose channels are repeated:
//   out[t frame_step][2y + r][2x + q][c] = four[t][y + r][x + q][(2r + q) channels + c] + bias[c]
//                                          + shortcut[t][y][x][(c positions + first_position + 2r + q) / repeats]
struct EnlargeArgs {
  const uint16_t* four = nullptr;      // [frames, height + 1, width + 1, 4 channels]
  const uint16_t* bias = nullptr;      // [channels]; null: none
  const uint16_t* shortcut = nullptr;  // [frames, height, width, shortcut_channels]
  uint16_t* out = nullptr;             // the first frame; frames are [2 height, 2 width, channels]
  int64_t frames = 0, height = 0, width = 0, channels = 0, shortcut_channels = 0;
  int64_t frame_step = 1;  // frames of `out` from one of these to the next
  int64_t positions = 0, first_position = 0, repeats = 0;
};
void LaunchEnlarge(const EnlargeArgs& args, Stream stream);

// x [frames, height, width, 12] -> rgb [frames, 2 height, 2 width, 3]: channel (c 2 + column) 2 + row is colour c of
// the pixel at that row and column of its cell, as trunc((clamp(v, -1, 1) + 1) / 2 * 255); NaN becomes 0.
struct ToRgbArgs {
  const uint16_t* x = nullptr;
  uint8_t* rgb = nullptr;
  int64_t frames = 0, height = 0, width = 0;
};
void LaunchToRgb(const ToRgbArgs& args, Stream stream);

}  // namespace ovi::gpu
