#include "engine/kernels/gpu_runtime.h"
#include "engine/kernels/tower_kernels.h"

namespace ovi::gpu {
namespace {

constexpr int kFewThreads = 128, kMostPacks = 4;

// One block is one row. Each thread keeps kPacks packs of it in registers, so that memory is read once. Few threads
// with several packs each: more loads are under way while a block waits for its sums.
struct Shape {
  int threads, packs;
};

Shape ShapeFor(int64_t dim) {
  const int lanes = static_cast<int>(dim / kLane);
  int packs = (lanes + kFewThreads - 1) / kFewThreads;
  if (packs > kMostPacks) packs = kMostPacks;
  return {((lanes + packs - 1) / packs + 31) / 32 * 32, packs};
}

__device__ const Bf16* RowOf(const TokenRows& rows, int64_t token, int64_t clean_tokens) {
  return rows.data + (token >= clean_tokens ? rows.row_stride : 0);
}

template <int kPacks>
__device__ void WriteNorm(const NormOutput& output, const float (&x)[kPacks][kLane], float mean, float variance,
                          int64_t row, int64_t token, const ResidualNormArgs& args) {
  const Bf16* scale = RowOf(output.scale, token, args.clean_tokens);
  const Bf16* shift = RowOf(output.shift, token, args.clean_tokens);
  const float inverse_deviation = rsqrtf(variance + output.eps);
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    const int64_t column = ColumnOf(p);
    if (column >= args.dim) continue;
    const Pack scales = Load(scale + column), shifts = Load(shift + column);
    Pack result;
#pragma unroll
    for (int i = 0; i < kLane; ++i) {
      const float norm = (x[p][i] - mean) * inverse_deviation;
      const float s = ToFloat(scales.values[i]), t = ToFloat(shifts.values[i]);
      result.values[i] = output.rounds_between ? ToBf16(Rounded(Rounded(norm) * s) + t) : ToBf16(norm * s + t);
    }
    Store(output.out + row * args.dim + column, result);
  }
}

template <int kPacks>
__global__ void ResidualNorm(const ResidualNormArgs args) {
  __shared__ float scratch[32];
  const int64_t row = blockIdx.x, token = row % args.tokens;
  const Bf16* gate = args.gate.data == nullptr ? nullptr : RowOf(args.gate, token, args.clean_tokens);
  float x[kPacks][kLane];
  float sum = 0;
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    const int64_t column = ColumnOf(p);
    const int64_t at = row * args.dim + column;
    if (column >= args.dim) continue;
    Pack pack = Load(args.x + at);
    if (args.addend != nullptr) {
      const Pack addends = Load(args.addend + at);
      const Pack gates = gate == nullptr ? Pack{} : Load(gate + column);
#pragma unroll
      for (int i = 0; i < kLane; ++i) {
        const float addend = ToFloat(addends.values[i]);
        pack.values[i] =
            ToBf16(ToFloat(pack.values[i]) + (gate == nullptr ? addend : Rounded(addend * ToFloat(gates.values[i]))));
      }
      Store(args.x + at, pack);
    }
#pragma unroll
    for (int i = 0; i < kLane; ++i) sum += x[p][i] = ToFloat(pack.values[i]);
  }
  if (args.first.out == nullptr) return;
  const float mean = BlockSum(sum, scratch) / static_cast<float>(args.dim);
  float squares = 0;
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    if (ColumnOf(p) >= args.dim) continue;
#pragma unroll
    for (int i = 0; i < kLane; ++i) squares += (x[p][i] - mean) * (x[p][i] - mean);
  }
  const float variance = BlockSum(squares, scratch) / static_cast<float>(args.dim);
  WriteNorm<kPacks>(args.first, x, mean, variance, row, token, args);
  if (args.second.out != nullptr) WriteNorm<kPacks>(args.second, x, mean, variance, row, token, args);
}

template <int kPacks>
__global__ void NormRope(const NormRopeArgs args) {
  __shared__ float scratch[32];
  const int64_t row = blockIdx.x;
  const float* factors = args.factors + row % args.tokens * args.pairs * 2;
  float x[kPacks][kLane];
  float squares = 0;
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    const int64_t column = ColumnOf(p);
    if (column >= args.dim) continue;
    const Pack pack = Load(args.x + row * args.dim + column);
#pragma unroll
    for (int i = 0; i < kLane; ++i) {
      x[p][i] = ToFloat(pack.values[i]);
      squares += x[p][i] * x[p][i];
    }
  }
  const float inverse = rsqrtf(BlockSum(squares, scratch) / static_cast<float>(args.dim) + args.eps);
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    const int64_t column = ColumnOf(p);
    if (column >= args.dim) continue;
    const Pack weights = Load(args.weight + column);
    Pack pack;
#pragma unroll
    for (int i = 0; i < kLane; ++i) pack.values[i] = ToBf16(Rounded(x[p][i] * inverse) * ToFloat(weights.values[i]));
    if (args.plain != nullptr) Store(args.plain + row * args.dim + column, pack);
    const int64_t first_pair = column % args.head_dim / 2;
#pragma unroll
    for (int i = 0; i < kLane / 2; ++i) {
      if (first_pair + i >= args.pairs) continue;
      const float cosine = factors[2 * (first_pair + i)], sine = factors[2 * (first_pair + i) + 1];
      const float even = ToFloat(pack.values[2 * i]), odd = ToFloat(pack.values[2 * i + 1]);
      pack.values[2 * i] = ToBf16(even * cosine - odd * sine);
      pack.values[2 * i + 1] = ToBf16(even * sine + odd * cosine);
    }
    Store(args.turned + row * args.dim + column, pack);
  }
}

// `by_packs[i]` is the kernel whose threads keep i + 1 packs each.
template <typename Args>
void LaunchOnRows(void (*const (&by_packs)[kMostPacks])(Args), const Args& args, Stream stream) {
  if (args.rows == 0) return;
  const Shape shape = ShapeFor(args.dim);
  by_packs[shape.packs - 1]<<<dim3(static_cast<unsigned>(args.rows)), shape.threads, 0, Native(stream)>>>(args);
}

}  // namespace

void LaunchResidualNorm(const ResidualNormArgs& args, Stream stream) {
  using Kernel = void (*)(ResidualNormArgs);
  constexpr Kernel kByPacks[kMostPacks] = {ResidualNorm<1>, ResidualNorm<2>, ResidualNorm<3>, ResidualNorm<4>};
  LaunchOnRows(kByPacks, args, stream);
}

void LaunchNormRope(const NormRopeArgs& args, Stream stream) {
  using Kernel = void (*)(NormRopeArgs);
  constexpr Kernel kByPacks[kMostPacks] = {NormRope<1>, NormRope<2>, NormRope<3>, NormRope<4>};
  LaunchOnRows(kByPacks, args, stream);
}

}  // namespace ovi::gpu
