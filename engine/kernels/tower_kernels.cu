#include "engine/kernels/gpu_runtime.h"
#include "engine/kernels/tower_kernels.h"

namespace ovi::gpu {
namespace {

constexpr int kFewThreads = 128, kMostPacks = 4;

// One block is one row. Each thread keeps kPacks packs of it in registers, so that memory is read once. Few threads
// with several packs each: more loads are under way while a block waits for its sums. These kernels are as near to the
// limit of instructions as to that of memory: where the threads fit the row, no thread asks whether it is beyond it.
struct Shape {
  int threads, packs;
  bool fits;
};

Shape ShapeFor(int64_t dim) {
  const int lanes = static_cast<int>(dim / kLane);
  int packs = (lanes + kFewThreads - 1) / kFewThreads;
  if (packs > kMostPacks) packs = kMostPacks;
  const int threads = ((lanes + packs - 1) / packs + 31) / 32 * 32;
  return {threads, packs, threads * packs == lanes};
}

template <bool kFits>
__device__ bool InRow(int column, int64_t dim) {
  return kFits || column < dim;
}

__device__ const Bf16* RowOf(const TokenRows& rows, int64_t token, int64_t clean_tokens) {
  return rows.data + (token >= clean_tokens ? rows.row_stride : 0);
}

template <int kPacks, bool kFits>
__device__ void WriteNorm(const NormOutput& output, const Pack (&x)[kPacks], float mean, float variance, int64_t row,
                          int64_t token, const ResidualNormArgs& args) {
  const Bf16* scale = RowOf(output.scale, token, args.clean_tokens);
  const Bf16* shift = RowOf(output.shift, token, args.clean_tokens);
  const float inverse_deviation = rsqrtf(variance + output.eps);
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    const int column = ColumnOf(p);
    if (!InRow<kFits>(column, args.dim)) continue;
    const Floats scales = ToFloats(Load(scale + column)), shifts = ToFloats(Load(shift + column));
    Floats norm = Each([&](float v) { return (v - mean) * inverse_deviation; }, ToFloats(x[p]));
    if (output.rounds_between)
      norm = Rounded(Rounded(norm) * scales) + shifts;
    else
      norm = norm * scales + shifts;
    Store(output.out + row * args.dim + column, ToPack(norm));
  }
}

template <int kPacks, bool kFits>
__global__ void ResidualNorm(const ResidualNormArgs args) {
  __shared__ float scratch[2][32];
  const int64_t token = blockIdx.x, row = blockIdx.y * args.tokens + token;
  const Bf16* gate = args.gate.data == nullptr ? nullptr : RowOf(args.gate, token, args.clean_tokens);
  Pack x[kPacks], addend[kPacks];
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    const int column = ColumnOf(p);
    const int64_t at = row * args.dim + column;
    x[p] = InRow<kFits>(column, args.dim) ? Load(args.x + at) : Pack{};
    addend[p] = InRow<kFits>(column, args.dim) && args.addend != nullptr ? Load(args.addend + at) : Pack{};
  }
  float sum = 0;
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    const int column = ColumnOf(p);
    if (!InRow<kFits>(column, args.dim)) continue;
    if (args.addend != nullptr) {
      Floats added = ToFloats(addend[p]);
      if (gate != nullptr) added = Rounded(added * ToFloats(Load(gate + column)));
      x[p] = ToPack(ToFloats(x[p]) + added);
      Store(args.x + row * args.dim + column, x[p]);
    }
    sum += SumOf(ToFloats(x[p]));
  }
  if (args.first.out == nullptr) return;
  const float mean = BlockSum(sum, scratch[0]) / static_cast<float>(args.dim);
  float squares = 0;
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    if (!InRow<kFits>(ColumnOf(p), args.dim)) continue;
    squares += SumOf(Each([&](float v) { return (v - mean) * (v - mean); }, ToFloats(x[p])));
  }
  const float variance = BlockSum(squares, scratch[1]) / static_cast<float>(args.dim);
  WriteNorm<kPacks, kFits>(args.first, x, mean, variance, row, token, args);
  if (args.second.out != nullptr) WriteNorm<kPacks, kFits>(args.second, x, mean, variance, row, token, args);
}

// Turns each pair of x by its angle, a cosine and a sine. Of a head `pairs` pairs are turned; what follows is not.
__device__ Floats Turned(const Floats& x, const float* factors, int first_pair, int pairs, bool whole_head) {
  float angles[kLane];
  const float* from = factors + 2 * first_pair;
  if (whole_head) {
    reinterpret_cast<float4*>(angles)[0] = reinterpret_cast<const float4*>(from)[0];
    reinterpret_cast<float4*>(angles)[1] = reinterpret_cast<const float4*>(from)[1];
  } else {
#pragma unroll
    for (int i = 0; i < kLane; ++i) angles[i] = first_pair + i / 2 < pairs ? from[i] : (i % 2 == 0 ? 1.0F : 0.0F);
  }
  Floats y;
#pragma unroll
  for (int i = 0; i < kLane; i += 2) {
    y.values[i] = x.values[i] * angles[i] - x.values[i + 1] * angles[i + 1];
    y.values[i + 1] = x.values[i] * angles[i + 1] + x.values[i + 1] * angles[i];
  }
  return y;
}

template <int kPacks, bool kFits>
__global__ void NormRope(const NormRopeArgs args) {
  __shared__ float scratch[32];
  const int64_t token = blockIdx.x, row = blockIdx.y * args.tokens + token;
  const int pairs = static_cast<int>(args.pairs);
  const auto head_dim = static_cast<unsigned>(args.head_dim);
  const bool whole_head = args.pairs * 2 == args.head_dim;
  const float* factors = args.factors + token * args.pairs * 2;
  Pack x[kPacks];
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    const int column = ColumnOf(p);
    x[p] = InRow<kFits>(column, args.dim) ? Load(args.x + row * args.dim + column) : Pack{};
  }
  float squares = 0;
#pragma unroll
  for (int p = 0; p < kPacks; ++p) squares += SumOf(ToFloats(x[p]) * ToFloats(x[p]));
  const float inverse = rsqrtf(BlockSum(squares, scratch) / static_cast<float>(args.dim) + args.eps);
#pragma unroll
  for (int p = 0; p < kPacks; ++p) {
    const int column = ColumnOf(p);
    if (!InRow<kFits>(column, args.dim)) continue;
    const Floats norm = Rounded(Each([&](float v) { return v * inverse; }, ToFloats(x[p])));
    const Pack weighted = ToPack(norm * ToFloats(Load(args.weight + column)));
    if (args.plain != nullptr) Store(args.plain + row * args.dim + column, weighted);
    const int first_pair = static_cast<int>(static_cast<unsigned>(column) % head_dim / 2);
    const Floats turned = Turned(ToFloats(weighted), factors, first_pair, pairs, whole_head);
    Store(args.turned + row * args.dim + column, ToPack(turned));
  }
}

// `by_packs[i]` are the kernels whose threads keep i + 1 packs each: the one for any row, and the one for rows that
// fit.
template <typename Args>
void LaunchOnRows(void (*const (&by_packs)[kMostPacks][2])(Args), const Args& args, Stream stream) {
  if (args.rows == 0) return;
  const Shape shape = ShapeFor(args.dim);
  // A block is one row: a token of one clip of the batch.
  const dim3 grid(static_cast<unsigned>(args.tokens), static_cast<unsigned>(args.rows / args.tokens));
  by_packs[shape.packs - 1][shape.fits ? 1 : 0]<<<grid, shape.threads, 0, Native(stream)>>>(args);
}

}  // namespace

void LaunchResidualNorm(const ResidualNormArgs& args, Stream stream) {
  using Kernel = void (*)(ResidualNormArgs);
  constexpr Kernel kByPacks[kMostPacks][2] = {{ResidualNorm<1, false>, ResidualNorm<1, true>},
                                              {ResidualNorm<2, false>, ResidualNorm<2, true>},
                                              {ResidualNorm<3, false>, ResidualNorm<3, true>},
                                              {ResidualNorm<4, false>, ResidualNorm<4, true>}};
  LaunchOnRows(kByPacks, args, stream);
}

void LaunchNormRope(const NormRopeArgs& args, Stream stream) {
  using Kernel = void (*)(NormRopeArgs);
  constexpr Kernel kByPacks[kMostPacks][2] = {{NormRope<1, false>, NormRope<1, true>},
                                              {NormRope<2, false>, NormRope<2, true>},
                                              {NormRope<3, false>, NormRope<3, true>},
                                              {NormRope<4, false>, NormRope<4, true>}};
  LaunchOnRows(kByPacks, args, stream);
}

}  // namespace ovi::gpu
