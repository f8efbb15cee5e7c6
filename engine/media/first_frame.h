// A decoded picture made into what the video VAE encodes (section 6.2 of the model's description).
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/clip.h"
#include "engine/media/image.h"

namespace ovi {

// To [1, 3, height, width] on the CPU, nominally in [-1, 1]:
//   x = pixel / 255 in float32, brought to `dtype`, times 2 minus 1 in `dtype`, then bicubic (A = -0.75, half-pixel
//   centres, no antialias) computed in float32 and brought to `dtype`.
// Not clamped: bicubic overshoots at edges, and upstream lets it. A picture that already fits is not resampled.
// kStretch resamples the whole picture; kCenterCrop first cuts the largest centred part with the clip's aspect ratio.
// `dtype` is kFloat or kBFloat16. Throws c10::Error as LibTorch does; the picture must not be empty.
at::Tensor PrepareFirstFrame(const RgbImage& image, int64_t height, int64_t width, ImageFit fit, at::ScalarType dtype);

}  // namespace ovi
