// The UMT5 text encoder: token ids to one vector per token (upstream: modules/t5.py, T5Encoder).
// Each block has a table of relative-position biases of its own; there is no position embedding otherwise.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/device/probe.h"
#include "engine/text/umt5_layers.h"

namespace ovi {

// x + attention(norm(x)), then x + feed_forward(norm(x)).
class Umt5Block {
 public:
  Umt5Block(WeightScope weights, const TextEncoderConfig& config);
  // x [B, L, dim]; `addend` of the same sizes is added to it first (undefined: nothing). x becomes the stream behind
  // the attention, and what the feed-forward adds to it is returned, for the next norm to add in its own pass. Probes
  // pos_bias, after_attn and after_ffn, each as layer<layer>_<name>.
  at::Tensor Forward(at::Tensor& x, const at::Tensor& addend, const Umt5Positions& positions, int64_t layer,
                     Probe* probe) const;

 private:
  Umt5Norm norm1_, norm2_;
  Umt5Attention attention_;
  Umt5FeedForward feed_forward_;
  at::Tensor position_table_;  // [num_buckets, H]
};

// Immutable once built, thread-safe.
class Umt5Encoder {
 public:
  // Takes its tensors out of `weights`, named as in upstream's file.
  Umt5Encoder(WeightScope weights, const TextEncoderConfig& config);

  // ids [B, L] int64 below vocab_size; mask [B, L], nonzero for tokens and 0 for padding, or undefined for no padding;
  // both on the device of the weights. Padding is never attended to; its own rows come out meaningless. Returns
  // [B, L, dim] in the dtype of the weights. Probes embedded, layer0_pos_bias, layer0_after_attn, layer0_after_ffn,
  // hidden.
  at::Tensor Forward(const at::Tensor& ids, const at::Tensor& mask = {}, Probe* probe = nullptr) const;

  c10::Device device() const { return token_embedding_.device(); }

 private:
  Umt5Positions PositionsOf(int64_t length, const at::Tensor& mask, const Probe* probe) const;

  int64_t num_buckets_;
  bool fuses_;
  at::Tensor token_embedding_;  // [vocab_size, dim]
  std::vector<Umt5Block> blocks_;
  Umt5Norm norm_;
};

}  // namespace ovi
