#include "engine/kernels/gpu_runtime.h"
#include "engine/kernels/text_kernels.h"

namespace ovi::gpu {
namespace {

constexpr int kMostThreads = 512;

// One block is one row, which its threads keep in registers, kPacks packs each.
template <int kPacks>
__global__ void AddRmsNorm(const AddRmsNormArgs args) {
  __shared__ float scratch[32];
  const int64_t row = blockIdx.x;
  Pack x[kPacks];
  float squares = 0;
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    const int64_t column = ColumnOf(p);
    const int64_t at = row * args.dim + column;
    if (column >= args.dim) continue;
    x[p] = Load(args.x + at);
    if (args.addend != nullptr) {
      x[p] = ToPack(ToFloats(x[p]) + ToFloats(Load(args.addend + at)));
      Store(args.x + at, x[p]);
    }
    squares += SumOf(ToFloats(x[p]) * ToFloats(x[p]));
  }
  const float inverse = rsqrtf(BlockSum(squares, scratch) / static_cast<float>(args.dim) + args.eps);
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    const int64_t column = ColumnOf(p);
    if (column >= args.dim) continue;
    const Floats norm = Rounded(Each([&](float v) { return v * inverse; }, ToFloats(x[p])));
    Store(args.out + row * args.dim + column, ToPack(ToFloats(Load(args.weight + column)) * norm));
  }
}

// Off by less than 2^-21, in an eighth of the instructions of tanhf.
__device__ float Tanh(float x) { return 1.0F - __fdividef(2.0F, 1.0F + __expf(2.0F * x)); }

__device__ Floats operator*(float factor, const Floats& x) {
  return Each([&](float v) { return factor * v; }, x);
}

// (0.5 x) (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), each operation rounded to bfloat16.
__device__ Floats RoundedGelu(const Floats& x) {
  const Floats cube = Rounded(Rounded(x * x) * x);
  const Floats inner = Rounded(x + Rounded(0.044715F * cube));
  const Floats tangent = Rounded(Each(Tanh, Rounded(0.7978845608028654F * inner)));
  return Rounded(Rounded(0.5F * x) * Rounded(Each([](float t) { return 1.0F + t; }, tangent)));
}

__global__ void GatedGelu(const GatedGeluArgs args) {
  const int64_t column = (static_cast<int64_t>(blockIdx.y) * blockDim.x + threadIdx.x) * kLane, row = blockIdx.x;
  if (column >= args.dim) return;
  const Floats gate = ToFloats(Load(args.x + row * 2 * args.dim + column));
  const Floats value = ToFloats(Load(args.x + (row * 2 + 1) * args.dim + column));
  Store(args.out + row * args.dim + column, ToPack(value * RoundedGelu(gate)));
}

constexpr int kWarps = 8, kRowsPerWarp = 4;
constexpr float kLowest = -3.38953138925153547590470800371487866880e+38F;  // of bfloat16

__device__ float WarpMax(float value) {
  for (int mask = 16; mask > 0; mask /= 2) value = fmaxf(value, FromNeighbour(value, mask));
  return value;
}
__device__ float WarpSum(float value) {
  for (int mask = 16; mask > 0; mask /= 2) value += FromNeighbour(value, mask);
  return value;
}

// Where the bias of distance d lies in shared memory: a gap after every eight, so that the lanes of a warp, which are
// eight distances apart, read from different banks.
__device__ int Padded(int d) { return d + d / kLane; }

// A warp is one query of one head and keeps its scores in registers, kPacks packs a lane.
template <int kPacks>
__global__ void __launch_bounds__(kWarps * 32) BiasSoftmax(const BiasSoftmaxArgs args) {
  __shared__ float bias[2 * kPacks * 32 * (kLane + 1)];
  const int64_t head = blockIdx.y;
  const int length = static_cast<int>(args.length), lane = static_cast<int>(threadIdx.x) % 32;
  for (int d = static_cast<int>(threadIdx.x); d < 2 * length - 1; d += kWarps * 32) {
    bias[Padded(d)] = ToFloat(args.table[args.buckets[d] * args.heads + head]);
  }
  uint32_t kept = 0;  // a bit for each of this lane's keys, the same for every query
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    for (int i = 0; i < kLane; ++i) {
      const int key = (p * 32 + lane) * kLane + i;
      if (key < length && (args.keep == nullptr || args.keep[key] != 0)) kept |= 1U << (p * kLane + i);
    }
  }
  __syncthreads();
  const int first = (static_cast<int>(blockIdx.x) * kWarps + static_cast<int>(threadIdx.x) / 32) * kRowsPerWarp;
  for (int query = first; query < first + kRowsPerWarp && query < length; ++query) {
    Bf16* row = args.scores + (head * args.length + query) * args.row_stride;
    Floats score[kPacks];
    float largest = -INFINITY;
#pragma unroll
    for (int p = 0; p < kPacks; ++p) {
      const int key = (p * 32 + lane) * kLane;
      const Floats product = ToFloats(key < length ? Load(row + key) : Pack{});
      Floats addend;
#pragma unroll
      for (int i = 0; i < kLane; ++i) {
        const bool is_kept = (kept >> (p * kLane + i) & 1U) != 0;
        addend.values[i] = is_kept ? bias[Padded(key + i - query + length - 1)] : kLowest;
      }
      score[p] = Rounded(product + addend);
#pragma unroll
      for (int i = 0; i < kLane; ++i) {
        if (key + i >= length) score[p].values[i] = -INFINITY;
        largest = fmaxf(largest, score[p].values[i]);
      }
    }
    largest = WarpMax(largest);
    float sum = 0;
#pragma unroll
    for (int p = 0; p < kPacks; ++p) {
      score[p] = Each([&](float v) { return __expf(v - largest); }, score[p]);
      sum += SumOf(score[p]);
    }
    const float inverse = 1.0F / WarpSum(sum);
#pragma unroll
    for (int p = 0; p < kPacks; ++p) {
      const int key = (p * 32 + lane) * kLane;
      if (key >= length) continue;
      Store(row + key, ToPack(inverse * score[p]));
    }
  }
}

template <int kPacks>
void StartBiasSoftmax(const BiasSoftmaxArgs& args, Stream stream) {
  constexpr int64_t kRows = kWarps * kRowsPerWarp;
  const dim3 grid(static_cast<unsigned>((args.length + kRows - 1) / kRows), static_cast<unsigned>(args.heads));
  BiasSoftmax<kPacks><<<grid, kWarps * 32, 0, Native(stream)>>>(args);
}

}  // namespace

void LaunchAddRmsNorm(const AddRmsNormArgs& args, Stream stream) {
  if (args.rows == 0) return;
  const int64_t packs = args.dim / kLane;
  const dim3 grid(static_cast<unsigned>(args.rows));
  const auto threads = [&](int64_t per_thread) {
    return static_cast<unsigned>((packs + per_thread * 32 - 1) / (per_thread * 32) * 32);
  };
  if (packs <= kMostThreads) {
    AddRmsNorm<1><<<grid, threads(1), 0, Native(stream)>>>(args);
  } else {
    AddRmsNorm<2><<<grid, threads(2), 0, Native(stream)>>>(args);
  }
}

void LaunchGatedGelu(const GatedGeluArgs& args, Stream stream) {
  if (args.rows == 0) return;
  constexpr int64_t kThreads = 256;
  const int64_t parts = (args.dim / kLane + kThreads - 1) / kThreads;
  GatedGelu<<<dim3(static_cast<unsigned>(args.rows), static_cast<unsigned>(parts)), kThreads, 0, Native(stream)>>>(
      args);
}

void LaunchBiasSoftmax(const BiasSoftmaxArgs& args, Stream stream) {
  if (args.heads == 0 || args.length == 0) return;
  if (args.length <= 256) {
    StartBiasSoftmax<1>(args, stream);
  } else if (args.length <= 512) {
    StartBiasSoftmax<2>(args, stream);
  } else {
    StartBiasSoftmax<4>(args, stream);
  }
}

}  // namespace ovi::gpu
