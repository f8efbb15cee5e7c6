#include "engine/media/first_frame.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/upsample_bicubic2d.h>

#include <algorithm>
#include <cmath>

namespace ovi {
namespace {

// [h, w, 3] -> the largest centred [h', w', 3] whose sides are as `height` to `width`, to the nearest pixel.
at::Tensor CenterCrop(const at::Tensor& pixels, int64_t height, int64_t width) {
  const int64_t have_height = pixels.size(0), have_width = pixels.size(1);
  const double scale = std::min(static_cast<double>(have_height) / static_cast<double>(height),
                                static_cast<double>(have_width) / static_cast<double>(width));
  const int64_t keep_height = std::clamp<int64_t>(std::llround(static_cast<double>(height) * scale), 1, have_height);
  const int64_t keep_width = std::clamp<int64_t>(std::llround(static_cast<double>(width) * scale), 1, have_width);
  return pixels.narrow(0, (have_height - keep_height) / 2, keep_height)
      .narrow(1, (have_width - keep_width) / 2, keep_width);
}

}  // namespace

at::Tensor PrepareFirstFrame(const RgbImage& image, int64_t height, int64_t width, ImageFit fit, at::ScalarType dtype) {
  // from_blob has no const form; nothing writes to it.
  auto* data = const_cast<uint8_t*>(image.pixels.data());
  at::Tensor pixels = at::from_blob(data, {image.height, image.width, 3}, at::kByte);
  if (fit == ImageFit::kCenterCrop) pixels = CenterCrop(pixels, height, width);

  // In place from here: a large picture as float32 is the peak.
  at::Tensor frame = pixels.permute({2, 0, 1}).unsqueeze(0).to(at::kFloat).contiguous();
  frame = frame.div_(255).to(dtype).mul_(2).sub_(1);
  if (frame.size(2) == height && frame.size(3) == width) return frame;
  // CPU kernels would also add up in bf16; upstream's run on a GPU, which adds up in float32.
  return at::upsample_bicubic2d(frame.to(at::kFloat), {height, width}, /*align_corners=*/false).to(dtype);
}

}  // namespace ovi
