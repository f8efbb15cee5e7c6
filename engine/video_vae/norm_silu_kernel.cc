#include "engine/video_vae/norm_silu_kernel.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace ovi {
namespace {

struct Rows {
  const float* x;
  float* y;
  int64_t rows, channels;
  const float* gamma;
  float smallest_norm;
};

constexpr int64_t kLanes = 16;          // partial sums: what one vector register can add at a time
constexpr int64_t kBlockFloats = 2048;  // normalised and then activated while in the first-level cache

// exp(v) for v in [-87, 87], relative error below 2e-7: v = n ln 2 + r with |r| <= ln(2) / 2, n ln 2 taken off in two
// parts, a Taylor polynomial for e^r (its first missing term is r^8 / 8!, under 6e-9), 2^n made in the exponent field.
[[gnu::always_inline]] inline float Exp(float v) {
  constexpr float kRound = 12582912;  // 1.5 * 2^23: adding it rounds to an integer, kept in the low bits
  v = std::min(std::max(v, -87.0F), 87.0F);
  const float shifted = v * 1.44269504F + kRound;
  const float n = shifted - kRound;
  const float r = (v - n * 0x1.62ep-1F) - n * 0x1.0bfbe8p-15F;
  float e = 1.0F / 5040;
  e = e * r + 1.0F / 720;
  e = e * r + 1.0F / 120;
  e = e * r + 1.0F / 24;
  e = e * r + 1.0F / 6;
  e = e * r + 0.5F;
  e = e * r + 1;
  e = e * r + 1;
  // The low nine bits of `shifted` are n; the others leave to the left. No conversion, as a NaN has no integer.
  return e * std::bit_cast<float>((std::bit_cast<uint32_t>(shifted) + 127) << 23);
}

[[gnu::always_inline]] inline float SumOfSquares(const float* x, int64_t count) {
  float lanes[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] += x[i + lane] * x[i + lane];
  }
  float sum = 0;
  for (; i < count; ++i) sum += x[i] * x[i];
  for (const float lane : lanes) sum += lane;
  return sum;
}

// Always inlined, so that each caller below compiles it for its own instruction set.
[[gnu::always_inline]] inline void RunRows(const Rows& work) {
  const int64_t channels = work.channels;
  const float root = std::sqrt(static_cast<float>(channels));
  const int64_t block = std::max<int64_t>(1, kBlockFloats / channels);
  for (int64_t first = 0; first < work.rows; first += block) {
    const int64_t rows = std::min(block, work.rows - first);
    float* y = work.y + first * channels;
    for (int64_t row = 0; row < rows; ++row) {
      const float* x_row = work.x + (first + row) * channels;
      float* y_row = y + row * channels;
      const float scale = root / std::max(std::sqrt(SumOfSquares(x_row, channels)), work.smallest_norm);
      for (int64_t c = 0; c < channels; ++c) y_row[c] = x_row[c] * scale * work.gamma[c];
    }
    for (int64_t i = 0; i < rows * channels; ++i) y[i] = y[i] / (1 + Exp(-y[i]));
  }
}

using RowsRunner = void (*)(const Rows&);

void RunRowsBaseline(const Rows& work) { RunRows(work); }

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void RunRowsAvx2(const Rows& work) { RunRows(work); }
[[gnu::target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,prefer-vector-width=512")]] void RunRowsAvx512(
    const Rows& work) {
  RunRows(work);
}

RowsRunner ChooseRunner() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw")) {
    return RunRowsAvx512;
  }
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? RunRowsAvx2 : RunRowsBaseline;
}
#else
RowsRunner ChooseRunner() { return RunRowsBaseline; }
#endif

}  // namespace

void NormalizeSiluRows(const float* x, float* y, int64_t rows, int64_t channels, const float* gamma,
                       float smallest_norm) {
  const RowsRunner run = ChooseRunner();
  constexpr int64_t kFloatsPerThread = 16384;  // below this a second thread costs more than it saves
  at::parallel_for(0, rows, std::max<int64_t>(1, kFloatsPerThread / channels), [&](int64_t first, int64_t last) {
    run({.x = x + first * channels,
         .y = y + first * channels,
         .rows = last - first,
         .channels = channels,
         .gamma = gamma,
         .smallest_norm = smallest_norm});
  });
}

}  // namespace ovi
