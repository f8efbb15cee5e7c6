// What the decoders yield, as the integers that files hold (section 14 of the model's description).
//
// Both truncate instead of rounding, as upstream does: half a step darker, and bit for bit the goldens' numbers. NaN,
// which a sound model never makes, becomes the lowest value (frames) or 0 (samples) instead of anything at all.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace ovi {

// frames [3, n, H, W] floating, nominally in [-1, 1], on any device -> uint8 [n, H, W, 3] contiguous on the CPU:
// trunc((clamp(v, -1, 1) + 1) / 2 * 255) in float32.
at::Tensor ToRgbFrames(const at::Tensor& frames);

// waveform: floating, nominally in [-1, 1], any shape and device -> its elements in order as
// trunc(clamp(x, -1, 1) * 32767) in float32.
std::vector<int16_t> ToPcm(const at::Tensor& waveform);

}  // namespace ovi
