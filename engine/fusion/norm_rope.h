// Queries and keys on their way to attention: normalised over all heads, then turned. One pass over memory on a GPU.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/fusion/norms.h"

namespace ovi {

// turned [B, N, H, D] = rotate(norm(x), rope) and, where asked for, what was turned. x [B, N, dim] is used up.
struct NormedHeads {
  at::Tensor before;  // undefined unless asked for
  at::Tensor turned;
};
enum class KeepNorm { kNo, kYes };
NormedHeads NormThenRotate(at::Tensor x, const RmsNorm& norm, const at::Tensor& rope, int64_t num_heads,
                           KeepNorm keep = KeepNorm::kNo);

}  // namespace ovi
