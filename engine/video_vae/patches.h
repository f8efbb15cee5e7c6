// 2x2 pixels as channels and back (upstream: patchify, unpatchify). Channel (c 2 + column) 2 + row of a position holds
// the pixel at that row and column of its cell: the column is the slower index.
#pragma once

#include <ATen/core/Tensor.h>

namespace ovi {

// frames [1, 3, T, H, W] -> [1, 12, T, H/2, W/2], in the activations' memory format.
at::Tensor Patchify(const at::Tensor& frames);

// x [1, 12, T, h, w] -> frames [3, T, 2h, 2w], contiguous, float32.
at::Tensor Unpatchify(const at::Tensor& x);

}  // namespace ovi
