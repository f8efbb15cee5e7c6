// A tower's tokens attend to each other:  out = o(attend(rope(norm(q x)), rope(norm(k x)), v x)).
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/attention_backend.h"
#include "engine/fusion/linear.h"
#include "engine/fusion/norms.h"
#include "engine/fusion/trace.h"

namespace ovi {

class SelfAttention {
 public:
  SelfAttention(const WeightScope& weights, const TowerConfig& config, const AttentionChoice& attention);

  // x [B, N, dim], modulated already, is used up; rope: the factors of the N tokens. -> [B, N, dim].
  // Traces self_q_before, self_k_before, self_q and self_k, [B, N, H, D].
  at::Tensor Forward(at::Tensor x, const at::Tensor& rope, const Trace& trace) const;

 private:
  int64_t num_heads_;
  AttentionChoice attention_;
  Linear qkv_, o_;
  RmsNorm norm_q_, norm_k_;
};

}  // namespace ovi
