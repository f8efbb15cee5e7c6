// The anti-aliased SnakeBeta activation in one pass over memory, for float32 on a CPU. Most of the vocoder's time goes
// here when it is written with tensor operations (bench/audio_bench.cc); AntiAliasedSnake holds the form that this is
// tested against.
#pragma once

#include <array>
#include <cstdint>

namespace ovi {

inline constexpr int64_t kSnakeTaps = 12;  // of either filter

// The two filters split by phase, so that a filter runs along neighbouring samples: with x(t) the input and a the
// activation's argument and result at twice the rate,
//   a(2t) = sum_i up_even[i] x(t - 3 + i)      a(2t + 1) = sum_i up_odd[i] x(t - 2 + i)
//   y(t) = sum_i down_even[i] a(2 (t - 2 + i)) + down_odd[i] a(2 (t - 3 + i) + 1)
// The factor 2 of the interpolation is in the up taps. Before and after the signal, its end values are repeated.
struct SnakePhases {
  std::array<float, kSnakeTaps / 2> up_even, up_odd, down_even, down_odd;
};

SnakePhases SplitSnakeTaps(const float* up_taps, const float* down_taps);

// x, y [rows, length], contiguous, not overlapping; rows = batch * channels. alpha, inverse_beta [channels]:
//   y = down(snake(up(x))), snake(v) = v + inverse_beta sin(alpha v)^2.
// Uses LibTorch's threads. Any length from 1.
void AntiAliasedSnakeRows(const float* x, float* y, int64_t rows, int64_t channels, int64_t length,
                          const SnakePhases& phases, const float* alpha, const float* inverse_beta);

}  // namespace ovi
