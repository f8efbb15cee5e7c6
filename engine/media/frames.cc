#include "engine/media/frames.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

namespace ovi {
namespace {

// (v + 1) * 127.5 is (v + 1) / 2 * 255 to the bit: halving is exact, so both round the same product once.
// Written so that NaN fails the first comparison.
uint8_t ToByte(float value) {
  const float clamped = value > -1.0F ? (value < 1.0F ? value : 1.0F) : -1.0F;
  return static_cast<uint8_t>((clamped + 1.0F) * 127.5F);
}

int16_t ToSample(float value) {
  if (!(value == value)) return 0;
  const float clamped = value > -1.0F ? (value < 1.0F ? value : 1.0F) : -1.0F;
  return static_cast<int16_t>(clamped * 32767.0F);
}

}  // namespace

at::Tensor ToRgbFrames(const at::Tensor& frames) {
  TORCH_CHECK(frames.dim() == 4 && frames.size(0) == 3, "frames must be [3, n, H, W], not ", frames.sizes());
  // A group cut out of a longer clip has its own strides but whole pictures: no copy unless the pictures are in pieces.
  at::Tensor planes = frames.to(at::kCPU, at::kFloat);
  const int64_t count = planes.size(1), height = planes.size(2), width = planes.size(3), area = height * width;
  if (planes.stride(3) != 1 || planes.stride(2) != width) planes = planes.contiguous();

  at::Tensor rgb = at::empty({count, height, width, 3}, at::kByte);
  const float* in = planes.const_data_ptr<float>();
  uint8_t* out = rgb.mutable_data_ptr<uint8_t>();
  const int64_t channel_stride = planes.stride(0), frame_stride = planes.stride(1);
  at::parallel_for(0, count, /*grain_size=*/1, [&](int64_t begin, int64_t end) {
    for (int64_t frame = begin; frame < end; ++frame) {
      const float* red = in + frame * frame_stride;
      const float* green = red + channel_stride;
      const float* blue = green + channel_stride;
      uint8_t* pixel = out + frame * area * 3;
      for (int64_t i = 0; i < area; ++i, pixel += 3) {
        pixel[0] = ToByte(red[i]);
        pixel[1] = ToByte(green[i]);
        pixel[2] = ToByte(blue[i]);
      }
    }
  });
  return rgb;
}

std::vector<int16_t> ToPcm(const at::Tensor& waveform) {
  const at::Tensor samples = waveform.to(at::kCPU, at::kFloat).contiguous();
  const float* in = samples.const_data_ptr<float>();
  std::vector<int16_t> pcm(static_cast<size_t>(samples.numel()));
  for (size_t i = 0; i < pcm.size(); ++i) pcm[i] = ToSample(in[i]);
  return pcm;
}

}  // namespace ovi
