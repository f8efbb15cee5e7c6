#include "engine/kernels/gpu_runtime.h"
#include "engine/kernels/snake_kernels.h"

namespace ovi::gpu {
namespace {

constexpr int kHalf = 6;    // taps of one phase
constexpr int kMargin = 3;  // pairs of samples at the doubled rate, and samples of x, that reach into a neighbour
constexpr int kPiece = 1024, kThreads = 256;
constexpr int kPairs = kPiece + 2 * kMargin;

__device__ float FilterPhase(const float (&taps)[kHalf], const float* samples) {
  float sum = taps[0] * samples[0];
#pragma unroll
  for (int i = 1; i < kHalf; ++i) sum += taps[i] * samples[i];
  return sum;
}

// sin(v)^2, off by less than 2^-20: pi is taken off in two parts, whose products with n a fused multiply-add keeps
// whole, and the sign that odd n would bring vanishes in the square. Huge angles, and what is no number, go the long
// way.
__device__ float SquaredSine(float v) {
  if (!(fabsf(v) <= 65536.0F)) {
    const float sine = sinf(v);
    return sine * sine;
  }
  const float n = rintf(v * 0.318309886F);
  const float sine = __sinf(fmaf(n, 8.74227766e-8F, fmaf(n, -3.14159274F, v)));
  return sine * sine;
}

// A block is a piece of a row: kPiece outputs.
__global__ void __launch_bounds__(kThreads) AntiAliasedSnake(const AntiAliasedSnakeArgs args, int64_t pieces) {
  __shared__ float x[kPairs + 2 * kMargin], even[kPairs], odd[kPairs];
  const int64_t row = blockIdx.x / pieces, begin = blockIdx.x % pieces * kPiece, channel = row % args.channels;
  const int64_t left = args.length - begin;
  const int count = static_cast<int>(left < kPiece ? left : kPiece), pairs = count + 2 * kMargin;
  const Bf16* from = args.x + row * args.length;
  for (int i = static_cast<int>(threadIdx.x); i < pairs + 2 * kMargin; i += kThreads) {
    const int64_t at = begin - 2 * kMargin + i;
    x[i] = ToFloat(from[at < 0 ? 0 : (at < args.length ? at : args.length - 1)]);
  }
  __syncthreads();
  const float alpha = args.alpha[channel], inverse_beta = args.inverse_beta[channel];
  for (int p = static_cast<int>(threadIdx.x); p < pairs; p += kThreads) {
    // Pair p is the samples 2s and 2s + 1 of the doubled rate. The second filter repeats the ends of its own input.
    const int64_t s = begin - kMargin + p;
    const bool before = s < 0, after = s >= args.length;
    const int at =
        before ? static_cast<int>(kMargin - begin) : (after ? static_cast<int>(args.length - 1 - begin) + kMargin : p);
    float first = Rounded(FilterPhase(args.taps.up_even, x + at));
    float second = Rounded(FilterPhase(args.taps.up_odd, x + at + 1));
    if (before) second = first;
    if (after) first = second;
    even[p] = Rounded(first + inverse_beta * SquaredSine(first * alpha));
    odd[p] = Rounded(second + inverse_beta * SquaredSine(second * alpha));
  }
  __syncthreads();
  Bf16* to = args.y + row * args.length + begin;
  for (int i = static_cast<int>(threadIdx.x); i < count; i += kThreads) {
    to[i] = ToBf16(FilterPhase(args.taps.down_even, even + i + 1) + FilterPhase(args.taps.down_odd, odd + i));
  }
}

}  // namespace

void LaunchAntiAliasedSnake(const AntiAliasedSnakeArgs& args, Stream stream) {
  if (args.rows == 0 || args.length == 0) return;
  const int64_t pieces = (args.length + kPiece - 1) / kPiece;
  AntiAliasedSnake<<<static_cast<unsigned>(args.rows * pieces), kThreads, 0, Native(stream)>>>(args, pieces);
}

}  // namespace ovi::gpu
