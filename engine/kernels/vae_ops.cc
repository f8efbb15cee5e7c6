#include "engine/kernels/vae_ops.h"

#include "engine/kernels/op_tensors.h"
#include "engine/kernels/vae_kernels.h"

namespace ovi::gpu {
namespace {

bool HasRowsOfChannels(const at::Tensor& x) {
  return x.dim() == 5 && x.size(0) == 1 && x.is_contiguous(at::MemoryFormat::ChannelsLast3d);
}

}  // namespace

bool CanFuseChannels(const at::Tensor& like, int64_t channels) {
  return IsBf16OnGpu(like) && channels % 8 == 0 && channels <= kMostVaeChannels;
}

bool CanFuseActivation(const at::Tensor& x) { return CanFuseChannels(x, x.size(1)) && HasRowsOfChannels(x); }

void NormSilu(const NormSiluTensors& tensors, double smallest_norm) {
  const at::Tensor& x = tensors.x;
  LaunchNormSilu({.x = Data(x),
                  .bias = Data(tensors.bias),
                  .addend = Data(tensors.addend),
                  .gamma = Data(tensors.gamma),
                  .sum = Data(tensors.sum),
                  .out = Data(tensors.out),
                  .rows = x.numel() / x.size(1),
                  .channels = x.size(1),
                  .smallest_norm = static_cast<float>(smallest_norm)},
                 CurrentStream(x.device()));
}

void Enlarge(const EnlargeTensors& tensors, const CellPlace& place, int64_t first_frame, int64_t frame_step) {
  const at::Tensor& shortcut = tensors.shortcut;
  LaunchEnlarge({.four = Data(tensors.four),
                 .bias = Data(tensors.bias),
                 .shortcut = Data(shortcut),
                 .out = Data(tensors.out.narrow(2, first_frame, 1)),
                 .frames = shortcut.size(2),
                 .height = shortcut.size(3),
                 .width = shortcut.size(4),
                 .channels = tensors.out.size(1),
                 .shortcut_channels = shortcut.size(1),
                 .frame_step = frame_step,
                 .positions = place.positions,
                 .first_position = place.first_position,
                 .repeats = place.repeats},
                CurrentStream(shortcut.device()));
}

bool CanFuseRgb(const at::Tensor& x) { return IsBf16OnGpu(x) && HasRowsOfChannels(x) && x.size(1) == 12; }

void ToRgb(const at::Tensor& x, const at::Tensor& rgb) {
  LaunchToRgb({.x = Data(x),
               .rgb = static_cast<uint8_t*>(rgb.data_ptr()),
               .frames = x.size(2),
               .height = x.size(3),
               .width = x.size(4)},
              CurrentStream(x.device()));
}

}  // namespace ovi::gpu
