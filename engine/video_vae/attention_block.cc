#include "engine/video_vae/attention_block.h"

#include <ATen/ops/bmm.h>
#include <ATen/ops/softmax.h>

#include <cmath>

namespace ovi {

AttentionBlock::AttentionBlock(const WeightScope& weights, int64_t channels)
    : norm_(weights.Sub("norm"), channels, /*gamma_rank=*/3),
      to_qkv_(weights.Sub("to_qkv"), {3 * channels, channels, 1, 1}),
      proj_(weights.Sub("proj"), {channels, channels, 1, 1}) {}

PendingSum AttentionBlock::Forward(PendingSum sum) const {
  const at::Tensor x = Settle(sum);
  const int64_t channels = x.size(1), frames = x.size(2), height = x.size(3), width = x.size(4);
  const at::Tensor qkv = to_qkv_.Forward(norm_.Forward(x))
                             .squeeze(0)
                             .permute({1, 2, 3, 0})
                             .reshape({frames, height * width, 3 * channels});
  const at::Tensor q = qkv.narrow(2, 0, channels), k = qkv.narrow(2, channels, channels);
  const at::Tensor v = qkv.narrow(2, 2 * channels, channels);

  const at::Tensor scores = at::bmm(q, k.transpose(1, 2)).mul_(1 / std::sqrt(static_cast<double>(channels)));
  const at::Tensor attended = at::bmm(at::softmax(scores, -1), v);
  const at::Tensor picture = attended.view({1, frames, height, width, channels}).permute({0, 4, 1, 2, 3});
  PendingSum out = proj_.ForwardPending(picture.contiguous(ActivationFormat(x)));
  out.addend = x;
  return out;
}

}  // namespace ovi
