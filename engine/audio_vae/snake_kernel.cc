#include "engine/audio_vae/snake_kernel.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace ovi {
namespace {

constexpr int64_t kHalf = kSnakeTaps / 2;
constexpr int64_t kBlock = 512;         // outputs of one piece: its four buffers stay in the first-level cache
constexpr int64_t kMargin = kHalf / 2;  // samples at twice the rate (in pairs) that a piece needs beyond each end
constexpr int64_t kPairs = kBlock + 2 * kMargin;

// A piece of one row.
struct Piece {
  const float* x;
  float* y;
  int64_t length;        // of the row
  int64_t begin, count;  // outputs of this piece
  float alpha, inverse_beta;
};

// sin(v)^2 for |v| <= kLargestAngle, absolute error below 8 * 2^-24.
// v - n pi leaves |r| <= pi / 2; the sign that odd n would bring vanishes in the square. pi is split into parts of nine
// bits, so that their products with n < 2^15 are exact without a fused multiply-add. The polynomial is a Chebyshev fit
// to (sin(r) / r - 1) / r^2 over that range, off by 2e-8.
constexpr float kLargestAngle = 65536;

[[gnu::always_inline]] inline float SquaredSine(float v) {
  constexpr float kRound = 12582912;  // 1.5 * 2^23: adding and subtracting it rounds to an integer
  const float n = (v * std::numbers::inv_pi_v<float> + kRound) - kRound;
  float r = v - n * 0x1.92p+1F;
  r -= n * 0x1.fbp-11F;
  r -= n * 0x1.51p-21F;
  r -= n * 0x1.0b4612p-33F;
  const float z = r * r;
  const float tail = ((2.6335731e-06F * z - 1.98223724e-04F) * z + 8.33323970e-03F) * z - 1.66666657e-01F;
  const float sine = r + r * z * tail;
  return sine * sine;
}

[[gnu::always_inline]] inline float FilterPhase(const std::array<float, kHalf>& taps, const float* samples) {
  float sum = taps[0] * samples[0];
  for (size_t i = 1; i < kHalf; ++i) sum += taps[i] * samples[i];
  return sum;
}

[[gnu::always_inline]] inline void ActivateInPlace(float* values, int64_t count, float alpha, float inverse_beta) {
  int beyond = 0;
  for (int64_t i = 0; i < count; ++i) beyond |= static_cast<int>(!(std::fabs(values[i] * alpha) <= kLargestAngle));
  if (beyond != 0) {  // a huge angle, or no number at all
    for (int64_t i = 0; i < count; ++i) {
      const float sine = std::sin(values[i] * alpha);
      values[i] += inverse_beta * (sine * sine);
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) values[i] += inverse_beta * SquaredSine(values[i] * alpha);
}

// Always inlined, so that each caller below compiles it for its own instruction set.
[[gnu::always_inline]] inline void RunPiece(const Piece& piece, const SnakePhases& phases) {
  // Pair p holds the samples 2s and 2s + 1 at twice the rate, s = begin - kMargin + p.
  const int64_t pairs = piece.count + 2 * kMargin;
  const int64_t first_pair = piece.begin - kMargin;
  alignas(64) float x[kPairs + 2 * kMargin], even[kPairs], odd[kPairs];

  const int64_t first_x = first_pair - kMargin;
  for (int64_t i = 0; i < pairs + 2 * kMargin; ++i) {
    x[i] = piece.x[std::clamp<int64_t>(first_x + i, 0, piece.length - 1)];
  }
  for (int64_t p = 0; p < pairs; ++p) even[p] = FilterPhase(phases.up_even, x + p);
  for (int64_t p = 0; p < pairs; ++p) odd[p] = FilterPhase(phases.up_odd, x + p + 1);
  ActivateInPlace(even, pairs, piece.alpha, piece.inverse_beta);
  ActivateInPlace(odd, pairs, piece.alpha, piece.inverse_beta);

  // The second filter repeats the ends of its own input, not those of x.
  for (int64_t p = 0; p < -first_pair; ++p) even[p] = odd[p] = even[-first_pair];
  const int64_t end_pair = piece.length - first_pair;
  for (int64_t p = end_pair; p < pairs; ++p) even[p] = odd[p] = odd[end_pair - 1];

  float* y = piece.y + piece.begin;
  for (int64_t i = 0; i < piece.count; ++i) {
    y[i] = FilterPhase(phases.down_even, even + i + 1) + FilterPhase(phases.down_odd, odd + i);
  }
}

using PieceRunner = void (*)(const Piece&, const SnakePhases&);

void RunPieceBaseline(const Piece& piece, const SnakePhases& phases) { RunPiece(piece, phases); }

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void RunPieceAvx2(const Piece& piece, const SnakePhases& phases) {
  RunPiece(piece, phases);
}
[[gnu::target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]] void RunPieceAvx512(const Piece& piece,
                                                                                   const SnakePhases& phases) {
  RunPiece(piece, phases);
}

PieceRunner ChooseRunner() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw")) {
    return RunPieceAvx512;
  }
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? RunPieceAvx2 : RunPieceBaseline;
}
#else
PieceRunner ChooseRunner() { return RunPieceBaseline; }
#endif

}  // namespace

SnakePhases SplitSnakeTaps(const float* up_taps, const float* down_taps) {
  SnakePhases phases;
  for (size_t i = 0; i < kHalf; ++i) {
    phases.up_even[i] = 2 * up_taps[kSnakeTaps - 1 - 2 * i];
    phases.up_odd[i] = 2 * up_taps[kSnakeTaps - 2 - 2 * i];
    phases.down_even[i] = down_taps[2 * i + 1];
    phases.down_odd[i] = down_taps[2 * i];
  }
  return phases;
}

void AntiAliasedSnakeRows(const float* x, float* y, int64_t rows, int64_t channels, int64_t length,
                          const SnakePhases& phases, const float* alpha, const float* inverse_beta) {
  const PieceRunner run = ChooseRunner();
  const int64_t pieces = (length + kBlock - 1) / kBlock;  // of a row
  constexpr int64_t kPiecesPerThread = 16;                // below this a second thread costs more than it saves
  at::parallel_for(0, rows * pieces, kPiecesPerThread, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t row = i / pieces, begin = i % pieces * kBlock, channel = row % channels;
      run({.x = x + row * length,
           .y = y + row * length,
           .length = length,
           .begin = begin,
           .count = std::min(kBlock, length - begin),
           .alpha = alpha[channel],
           .inverse_beta = inverse_beta[channel]},
          phases);
    }
  });
}

}  // namespace ovi
