// A prompt as the blocks meet it: the keys and values of text attention for every block of both towers. They do not
// depend on the step, so FusionModel::PrepareText computes them once per clip and every pass reads them.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace ovi {

// One block's text keys (normalised) and values, [1, H, rows, D].
struct BlockText {
  at::Tensor keys, values;
};

// Upstream pads a prompt with zero rows to text_len and attends to the padding too. All padding rows have one key and
// one value, so either they are all here (rows = text_len, bias undefined), or one stands for all (rows = n + 1) and
// `bias`, [1, 1, 1, rows], adds the logarithm of their number to its logit: the softmax is the same.
struct TowerText {
  at::Tensor bias;
  std::vector<BlockText> blocks;  // num_layers
};

// Immutable; copies share storage.
struct FusionText {
  TowerText video, audio;
};

}  // namespace ovi
