// How the timestep steers a tower: shifts, scales and gates of its tokens.
//
// A clip knows at most two timesteps, that of the step and 0 for the tokens of a clean first frame. So there are one or
// two rows of each vector, [R, dim], never one per token: with two rows, row 0 is for the first `clean_tokens` tokens
// and row 1 for the rest. Scales come with their 1 added: y = norm(x) * scale + shift.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "engine/checkpoint/weights.h"

namespace ovi {

// layer_norm(x) * scale + shift without weights in the norm; x [B, N, dim].
at::Tensor ModulatedNorm(const at::Tensor& x, const at::Tensor& shift, const at::Tensor& scale, int64_t clean_tokens,
                         double eps);

// x += y * gate, in place; y is used up.
void AddGated(at::Tensor& x, at::Tensor& y, const at::Tensor& gate, int64_t clean_tokens);

struct BlockModulation {
  at::Tensor self_shift, self_scale, self_gate, ffn_shift, ffn_scale, ffn_gate;  // [R, dim]
  int64_t clean_tokens = 0;
};

// The learned part of every block's modulation in one tower.
class TowerModulation {
 public:
  // Takes `blocks.<i>.modulation.modulation` [1, 6, dim].
  TowerModulation(const WeightScope& tower, int64_t num_layers, int64_t dim);
  // e0 [R, 6, dim] from the time embedding -> one entry a block.
  std::vector<BlockModulation> Forward(const at::Tensor& e0, int64_t clean_tokens) const;

 private:
  at::Tensor learned_;  // [num_layers, 1, 6, dim]: all blocks in one addition
};

}  // namespace ovi
