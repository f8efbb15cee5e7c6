// The tokens of one tower, x [B, N, dim], and what is added to them. An addition is put off until the next norm reads
// x, because a GPU does both in one pass over memory (kernels/tower_ops.h); elsewhere it is done at once, by LibTorch.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/fusion/modulation.h"
#include "engine/fusion/norms.h"

namespace ovi {

class ResidualStream {
 public:
  ResidualStream() = default;
  explicit ResidualStream(at::Tensor x) : x_(std::move(x)) {}

  // x += addend, in place, unless x has one row and the addend two: then x becomes a new tensor with a row for each.
  void Add(at::Tensor addend);
  // x += addend * gate (modulation.h), in place. The addend is used up.
  void AddGated(at::Tensor addend, const at::Tensor& gate, int64_t clean_tokens);

  // norm(x) * scale + shift (modulation.h).
  at::Tensor Modulated(const at::Tensor& shift, const at::Tensor& scale, int64_t clean_tokens, double eps);
  // Two layer norms of x with different weights, which share their statistics.
  struct Pair {
    at::Tensor first, second;
  };
  Pair Norms(const LayerNorm& first, const LayerNorm& second);

  // x with everything added.
  const at::Tensor& Value();
  // The first row alone. Shares storage: what is added to it, and asked for by Value, is added here too.
  ResidualStream FirstRow() { return ResidualStream(Value().narrow(0, 0, 1)); }

 private:
  at::Tensor x_;
  at::Tensor addend_, gate_;  // put off; undefined: nothing
  int64_t clean_tokens_ = 0;
};

}  // namespace ovi
