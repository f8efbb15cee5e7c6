// Launchers of the text encoder's fused kernels. bfloat16 in and out, float inside, rounded where the separate
// operations would round (text_ops.h says which operations those are). Pointers are device memory, 16-byte aligned
// unless said otherwise; indices are 64 bit. They return after queueing; a launch that fails is reported by the next
// synchronisation.
#pragma once

#include <cstdint>

#include "engine/kernels/stream.h"

namespace ovi::gpu {

inline constexpr int64_t kMostTextDim = 8192, kMostTextLength = 1024;

// x += addend; out = weight * bf16(x / rms(x)).
struct AddRmsNormArgs {
  uint16_t* x = nullptr;             // [rows, dim], written only if there is an addend
  const uint16_t* addend = nullptr;  // [rows, dim]; null: none
  const uint16_t* weight = nullptr;  // [dim]
  uint16_t* out = nullptr;           // [rows, dim]
  int64_t rows = 0, dim = 0;         // dim: a multiple of 8, at most kMostTextDim
  float eps = 0;
};
void LaunchAddRmsNorm(const AddRmsNormArgs& args, Stream stream);

// out = second * gelu(first), x a row of `first` and `second` one after the other.
struct GatedGeluArgs {
  const uint16_t* x = nullptr;  // [rows, 2 dim]
  uint16_t* out = nullptr;      // [rows, dim]
  int64_t rows = 0, dim = 0;    // dim: a multiple of 8
};
void LaunchGatedGelu(const GatedGeluArgs& args, Stream stream);

// In place: softmax over keys of bf16(score + bias), bias = table[bucket of (key - query)][head], or the lowest number
// of bfloat16 where the key is masked.
struct BiasSoftmaxArgs {
  uint16_t* scores = nullptr;        // [heads, length, length], `row_stride` numbers from query to query
  const uint16_t* table = nullptr;   // [buckets, heads]
  const uint8_t* buckets = nullptr;  // [2 length - 1], by key - query + length - 1; any alignment
  const uint8_t* keep = nullptr;     // [length], 0 for a masked key; null: all are kept; any alignment
  int64_t heads = 0, length = 0;     // length: at most kMostTextLength
  int64_t row_stride = 0;            // a multiple of 8, so that a row ends on a whole pack, at least length
};
void LaunchBiasSoftmax(const BiasSoftmaxArgs& args, Stream stream);

}  // namespace ovi::gpu
