// A tower's tokens attend to the prompt and to the other tower:
//   out = o(attend(q, text) + attend(rope(q), rope(other)))
// One query serves both. It is turned for the other tower only: the prompt has no place on the clip's time axis.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/attention_backend.h"
#include "engine/fusion/fusion_text.h"
#include "engine/fusion/linear.h"
#include "engine/fusion/norms.h"
#include "engine/fusion/trace.h"

namespace ovi {

// The other tower's tokens as this tower's queries meet them, [B, H, M, D], keys turned.
struct OtherTower {
  at::Tensor keys, values;
};

// What one pass over a tower reads of its prompt in one block.
struct TextAttention {
  const BlockText* text;
  const at::Tensor* bias;  // TowerText::bias
};

class FusionCrossAttention {
 public:
  FusionCrossAttention(const WeightScope& weights, const TowerConfig& config, const AttentionChoice& attention);

  // context [1, rows, dim]: the prompt after the text MLP.
  BlockText PrepareText(const at::Tensor& context) const;

  // other [B, M, dim]: the other tower's tokens after its self-attention, behind norm_other, used up; rope: the factors
  // of its M tokens from its own table. Traces `key_name`.
  OtherTower PrepareOther(at::Tensor other, const at::Tensor& rope, const Trace& trace,
                          std::string_view key_name) const;

  // The norm of the other tower's tokens. It is not applied in here, so that it can share a pass with other norms of
  // them.
  const LayerNorm& norm_other() const { return norm_other_; }

  // x [B, N, dim], normalised already, is used up. One text for each half of the batch; B is their number, or 1 where
  // the passes have not parted yet. -> [texts, N, dim]. Traces cross_q.
  at::Tensor Forward(at::Tensor x, std::span<const TextAttention> texts, const OtherTower& other,
                     const at::Tensor& rope, const Trace& trace) const;

 private:
  at::Tensor AttendText(const at::Tensor& q, std::span<const TextAttention> texts) const;

  int64_t num_heads_;
  AttentionChoice attention_;
  Linear q_, text_kv_, other_kv_, o_;
  RmsNorm norm_q_, norm_k_, norm_k_other_;
  LayerNorm norm_other_;
};

}  // namespace ovi
