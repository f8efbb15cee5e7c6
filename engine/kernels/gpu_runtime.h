// One set of names for what CUDA and HIP spell differently, for the .cu files of this folder alone. They hold no
// LibTorch header, so that either compiler takes them as they are.
#pragma once

#if defined(__HIP__) || defined(__HIP_PLATFORM_AMD__)
#include <hip/hip_runtime.h>
#else
#include <cuda_bf16.h>
#include <cuda_runtime.h>
#endif

#include <cstdint>

#include "engine/kernels/stream.h"

namespace ovi::gpu {

#if defined(__HIP__) || defined(__HIP_PLATFORM_AMD__)
using NativeStream = hipStream_t;
#else
using NativeStream = cudaStream_t;
#endif
inline NativeStream Native(Stream stream) { return static_cast<NativeStream>(stream.handle); }

// A bfloat16 as it lies in memory. Arithmetic is in float; every rounding back is written out.
using Bf16 = uint16_t;

__device__ inline float ToFloat(Bf16 value) { return __uint_as_float(static_cast<uint32_t>(value) << 16); }

// Round to nearest, ties to even, as LibTorch rounds; a NaN stays one.
__device__ inline Bf16 ToBf16(float value) {
#if defined(__HIP__) || defined(__HIP_PLATFORM_AMD__)
  const uint32_t bits = __float_as_uint(value);
  if (value != value) return 0x7FC0;
  return static_cast<Bf16>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
#else
  return __bfloat16_as_ushort(__float2bfloat16_rn(value));
#endif
}
__device__ inline float Rounded(float value) { return ToFloat(ToBf16(value)); }

// Two bfloat16 numbers in one register, the first in the low half: one instruction rounds both.
__device__ inline float First(uint32_t pair) { return __uint_as_float(pair << 16); }
__device__ inline float Second(uint32_t pair) { return __uint_as_float(pair & 0xFFFF0000U); }
__device__ inline uint32_t Pair(float first, float second) {
#if defined(__HIP__) || defined(__HIP_PLATFORM_AMD__)
  return ToBf16(first) | static_cast<uint32_t>(ToBf16(second)) << 16;
#else
  const __nv_bfloat162 pair = __floats2bfloat162_rn(first, second);
  return *reinterpret_cast<const uint32_t*>(&pair);
#endif
}

// Eight bfloat16 numbers: what one thread moves at once, 16 bytes. What waits in registers waits like this, in half of
// those that floats would take.
constexpr int kLane = 8;
struct alignas(16) Pack {
  uint32_t pairs[kLane / 2];
};
__device__ inline Pack Load(const Bf16* from) { return *reinterpret_cast<const Pack*>(from); }
__device__ inline void Store(Bf16* to, const Pack& pack) { *reinterpret_cast<Pack*>(to) = pack; }

// The same numbers to calculate with.
struct Floats {
  float values[kLane];
};
__device__ inline Floats ToFloats(const Pack& pack) {
  Floats x;
#pragma unroll
  for (int i = 0; i < kLane / 2; ++i) {
    x.values[2 * i] = First(pack.pairs[i]);
    x.values[2 * i + 1] = Second(pack.pairs[i]);
  }
  return x;
}
__device__ inline Pack ToPack(const Floats& x) {
  Pack pack;
#pragma unroll
  for (int i = 0; i < kLane / 2; ++i) pack.pairs[i] = Pair(x.values[2 * i], x.values[2 * i + 1]);
  return pack;
}
__device__ inline Floats Rounded(const Floats& x) { return ToFloats(ToPack(x)); }
// f of each of eight numbers, or of each of eight pairs.
template <typename F>
__device__ inline Floats Each(const F& f, const Floats& x) {
  Floats y;
#pragma unroll
  for (int i = 0; i < kLane; ++i) y.values[i] = f(x.values[i]);
  return y;
}
template <typename F>
__device__ inline Floats Each(const F& f, const Floats& a, const Floats& b) {
  Floats y;
#pragma unroll
  for (int i = 0; i < kLane; ++i) y.values[i] = f(a.values[i], b.values[i]);
  return y;
}
__device__ inline Floats operator+(const Floats& a, const Floats& b) {
  return Each([](float x, float y) { return x + y; }, a, b);
}
__device__ inline Floats operator*(const Floats& a, const Floats& b) {
  return Each([](float x, float y) { return x * y; }, a, b);
}
__device__ inline float SumOf(const Floats& x) {
  float sum = 0;
#pragma unroll
  for (int i = 0; i < kLane; ++i) sum += x.values[i];
  return sum;
}

// Where pack `p` of this thread begins in a row that one block shares; it may lie beyond the row's end.
__device__ inline int ColumnOf(int p) {
  return (p * static_cast<int>(blockDim.x) + static_cast<int>(threadIdx.x)) * kLane;
}

// The value of the thread whose index differs in the bits of `mask`, within 32 neighbours (a warp; on AMD a wave of 32
// or half of one of 64).
__device__ inline float FromNeighbour(float value, int mask) {
#if defined(__HIP__) || defined(__HIP_PLATFORM_AMD__)
  return __shfl_xor(value, mask, 32);
#else
  return __shfl_xor_sync(0xFFFFFFFFU, value, mask);
#endif
}

// The sum over all threads of a block, which every one of them gets. All must call it; the number of threads is a
// multiple of 32. `scratch` is shared memory for 32 floats, another one for each call in a kernel.
__device__ inline float BlockSum(float value, float* scratch) {
  for (int mask = 16; mask > 0; mask /= 2) value += FromNeighbour(value, mask);
  const int warp = static_cast<int>(threadIdx.x) / 32, warps = static_cast<int>(blockDim.x) / 32;
  if (threadIdx.x % 32 == 0) scratch[warp] = value;
  __syncthreads();
  float sum = 0;
  for (int i = 0; i < warps; ++i) sum += scratch[i];
  return sum;
}

}  // namespace ovi::gpu
