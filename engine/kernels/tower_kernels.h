// Launchers of the transformer's fused kernels. bfloat16 in and out, float inside, rounded where the separate
// operations would round (tower_ops.h says which operations those are). Pointers are device memory, 16-byte aligned;
// indices are 64 bit. They return after queueing; a launch that fails is reported by the next synchronisation.
#pragma once

#include <cstdint>

#include "engine/kernels/stream.h"

namespace ovi::gpu {

// Rows of a vector that tokens share: the first `clean_tokens` tokens use row 0 and the rest row 1, or all use row 0.
struct TokenRows {
  const uint16_t* data = nullptr;  // null: absent
  int64_t row_stride = 0;          // numbers from row 0 to row 1; 0: one row
};

// A layer norm of the updated x: scale and shift, and where it goes.
struct NormOutput {
  uint16_t* out = nullptr;  // [rows, dim]; null: not wanted
  TokenRows scale, shift;
  bool rounds_between = false;  // norm, product and sum each round (modulation), or once at the end (affine)
  float eps = 0;
};

struct ResidualNormArgs {
  uint16_t* x = nullptr;             // [rows, dim], read; written if there is an addend
  const uint16_t* addend = nullptr;  // [rows, dim]; null: x stays
  TokenRows gate;                    // of the addend; absent: added as it is
  NormOutput first, second;
  int64_t rows = 0, dim = 0;  // dim: a multiple of 8, at most 32768
  int64_t tokens = 0;         // rows of one clip; the token of a row is row % tokens
  int64_t clean_tokens = 0;
};
void LaunchResidualNorm(const ResidualNormArgs& args, Stream stream);

struct NormRopeArgs {
  const uint16_t* x = nullptr;       // [rows, dim]
  const uint16_t* weight = nullptr;  // [dim]
  const float* factors = nullptr;    // [tokens, pairs, 2]: cosine, sine
  uint16_t* plain = nullptr;         // [rows, dim], the norm before it is turned; may be x; null: not wanted
  uint16_t* turned = nullptr;        // [rows, dim]; may be x
  int64_t rows = 0, dim = 0, tokens = 0;
  int64_t head_dim = 0, pairs = 0;  // head_dim: a multiple of 8; pairs <= head_dim / 2
  float eps = 0;
};
void LaunchNormRope(const NormRopeArgs& args, Stream stream);

}  // namespace ovi::gpu
