// The vocoder's anti-aliased activation in one pass over memory. Its twin in LibTorch's own operations is
// AntiAliasedSnake::ForwardByOps (engine/audio_vae/anti_aliased_snake.h), to which a test holds it.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/kernels/snake_kernels.h"

namespace ovi::gpu {

// Whether this build has the kernel and it takes x [B, C, T] with these parameters: bfloat16 on a GPU, float32 angles.
bool CanFuseSnake(const at::Tensor& x, const at::Tensor& alpha);

// x [B, C, T]; alpha, inverse_beta float32, C numbers each -> the same shape, on the current stream, without a wait.
at::Tensor AntiAliasedSnake(const at::Tensor& x, const SnakeTaps& taps, const at::Tensor& alpha,
                            const at::Tensor& inverse_beta);

}  // namespace ovi::gpu
