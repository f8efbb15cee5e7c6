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

// Eight bfloat16 numbers: what one thread moves at once, 16 bytes.
constexpr int kLane = 8;
struct alignas(16) Pack {
  Bf16 values[kLane];
};
__device__ inline Pack Load(const Bf16* from) { return *reinterpret_cast<const Pack*>(from); }
__device__ inline void Store(Bf16* to, const Pack& pack) { *reinterpret_cast<Pack*>(to) = pack; }

// Where pack `p` of this thread begins in a row that one block shares; it may lie beyond the row's end.
__device__ inline int64_t ColumnOf(int p) { return (static_cast<int64_t>(p) * blockDim.x + threadIdx.x) * kLane; }

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
// multiple of 32. `scratch` is shared memory for 32 floats, free again after the next call or __syncthreads.
__device__ inline float BlockSum(float value, float* scratch) {
  for (int mask = 16; mask > 0; mask /= 2) value += FromNeighbour(value, mask);
  const int warp = static_cast<int>(threadIdx.x) / 32, warps = static_cast<int>(blockDim.x) / 32;
  __syncthreads();  // scratch may still be read from the last time
  if (threadIdx.x % 32 == 0) scratch[warp] = value;
  __syncthreads();
  float sum = 0;
  for (int i = 0; i < warps; ++i) sum += scratch[i];
  return sum;
}

}  // namespace ovi::gpu
