// The video VAE's element-wise work in as few passes over memory as it can be: tensors in, tensors out. Each has a twin
// in LibTorch's own operations (engine/video_vae/rms_norm.h, pending_sum.h, upsample.h, patches.h) and is held to it by
// a test. All run on the current stream of x's device and do not wait.
//
// Activations are [1, C, T, H, W] in channels-last order, so that a position is a row of C numbers; ranges of frames of
// a larger tensor will do.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace ovi::gpu {

// Whether this build has the kernels and they take activations of `channels` channels of the dtype and on the device of
// `like`: bfloat16 on a GPU, channels a multiple of 8 and at most 1024.
bool CanFuseChannels(const at::Tensor& like, int64_t channels);
// The same for x itself, its layout included.
bool CanFuseActivation(const at::Tensor& x);

// s = x + bias + addend, one rounding; `sum` = s, `out` = silu(rms_norm(s) * gamma). bias, gamma [C]; undefined: left
// out. `sum` may be x.
struct NormSiluTensors {
  at::Tensor x = {}, bias = {}, addend = {}, gamma = {}, sum = {}, out = {};
};
void NormSilu(const NormSiluTensors& tensors, double smallest_norm);

// One pixel of each enlarged cell from each quarter of the channels of `four` [1, 4 C, T, h + 1, w + 1], which overlap
// by all but one row or column, plus bias [C] (or undefined) and the repeated channels of `shortcut` [1, in, T, h, w],
// into the frames first_frame, first_frame + frame_step, ... of `out` [1, C, T', 2h, 2w]. Output channel c at pixel p
// of the cell takes shortcut channel (c positions + first_position + p) / repeats.
struct EnlargeTensors {
  at::Tensor four = {}, bias = {}, shortcut = {}, out = {};
};
struct CellPlace {
  int64_t positions, first_position, repeats;
};
void Enlarge(const EnlargeTensors& tensors, const CellPlace& place, int64_t first_frame, int64_t frame_step);

// x [1, 12, T, h, w] -> rgb uint8 [T, 2h, 2w, 3], which may be a range of a longer one.
bool CanFuseRgb(const at::Tensor& x);
void ToRgb(const at::Tensor& x, const at::Tensor& rgb);

}  // namespace ovi::gpu
