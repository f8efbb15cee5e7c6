#include "engine/video_vae/patches.h"

#include <ATen/ops/empty.h>

#include "engine/video_vae/conv.h"
#include "engine/video_vae/vae_stage.h"

namespace ovi {

at::Tensor Patchify(const at::Tensor& frames) {
  const int64_t count = frames.size(2), height = frames.size(3) / kVaePatch, width = frames.size(4) / kVaePatch;
  const at::Tensor cells = frames.reshape({3, count, height, kVaePatch, width, kVaePatch});
  return cells.permute({0, 5, 3, 1, 2, 4})
      .reshape({1, kVaeImageChannels, count, height, width})
      .contiguous(ActivationFormat(frames));
}

at::Tensor Unpatchify(const at::Tensor& x) {
  const int64_t count = x.size(2), height = x.size(3), width = x.size(4);
  at::Tensor frames = at::empty({3, count, height, kVaePatch, width, kVaePatch}, x.options().dtype(at::kFloat));
  frames.permute({0, 5, 3, 1, 2, 4}).copy_(x.squeeze(0).unflatten(0, {3, kVaePatch, kVaePatch}));
  return frames.view({3, count, height * kVaePatch, width * kVaePatch});
}

}  // namespace ovi
