#include "engine/fusion/norm_rope.h"

#include "engine/fusion/attention.h"
#include "engine/fusion/rope.h"
#include "engine/kernels/tower_ops.h"

namespace ovi {

NormedHeads NormThenRotate(at::Tensor x, const RmsNorm& norm, const at::Tensor& rope, int64_t num_heads,
                           KeepNorm keep) {
  const int64_t head_dim = x.size(-1) / num_heads;
  if (gpu::CanFuse(x) && head_dim % 8 == 0) {
    if (keep == KeepNorm::kNo) {
      return {{}, SplitHeads(gpu::NormRopeInPlace(x, norm.weight(), rope, head_dim, norm.eps()), num_heads)};
    }
    const gpu::NormAndTurned both = gpu::NormAndRope(x, norm.weight(), rope, head_dim, norm.eps());
    return {SplitHeads(both.norm, num_heads), SplitHeads(both.turned, num_heads)};
  }
  const at::Tensor normed = SplitHeads(norm.Forward(x), num_heads);
  if (keep == KeepNorm::kYes) return {normed, Rotate(normed, rope)};
  RotateInPlace(normed, rope);
  return {{}, normed};
}

}  // namespace ovi
