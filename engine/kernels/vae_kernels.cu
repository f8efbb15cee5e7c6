#include "engine/kernels/gpu_runtime.h"
#include "engine/kernels/vae_kernels.h"

namespace ovi::gpu {
namespace {

constexpr int kThreads = 256;
constexpr int64_t kMostBlocks = 132 * 16;  // enough for every multiprocessor; each block goes on to further rows

int64_t DivideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

__device__ float Silu(float v) { return __fdividef(v, 1.0F + __expf(-v)); }

// kLanes threads share a row and keep kPacks packs each of it in registers. Gamma and bias come from the first-level
// cache each time: kept, they too would cost the registers that further rows in flight need.
template <int kLanes, int kPacks>
__global__ void __launch_bounds__(kThreads, 8 / kPacks) NormSilu(const NormSiluArgs args) {
  constexpr int kRows = kThreads / kLanes;
  const int lane = static_cast<int>(threadIdx.x) % kLanes, in_block = static_cast<int>(threadIdx.x) / kLanes;
  const float root = sqrtf(static_cast<float>(args.channels));
  // The bounds are the same for the whole block: rows share warps, and a warp exchanges values.
  for (int64_t first = static_cast<int64_t>(blockIdx.x) * kRows; first < args.rows;
       first += static_cast<int64_t>(gridDim.x) * kRows) {
    const int64_t row = first + in_block;
    Pack x[kPacks], addend[kPacks], bias[kPacks];
#pragma unroll
    for (int p = 0; p < kPacks; ++p) {
      const int64_t column = (p * kLanes + lane) * kLane, at = row * args.channels + column;
      const bool mine = row < args.rows && column < args.channels;
      x[p] = mine ? Load(args.x + at) : Pack{};
      addend[p] = mine && args.addend != nullptr ? Load(args.addend + at) : Pack{};
      bias[p] = mine && args.bias != nullptr ? Load(args.bias + column) : Pack{};
    }
    float squares = 0;
#pragma unroll
    for (int p = 0; p < kPacks; ++p) {
#pragma unroll
      for (int i = 0; i < kLane / 2; ++i) {
        const uint32_t sum = Pair(First(x[p].pairs[i]) + First(bias[p].pairs[i]) + First(addend[p].pairs[i]),
                                  Second(x[p].pairs[i]) + Second(bias[p].pairs[i]) + Second(addend[p].pairs[i]));
        x[p].pairs[i] = sum;
        squares += First(sum) * First(sum) + Second(sum) * Second(sum);
      }
    }
#pragma unroll
    for (int mask = kLanes / 2; mask > 0; mask /= 2) squares += FromNeighbour(squares, mask);
    const float scale = root / fmaxf(sqrtf(squares), args.smallest_norm);
#pragma unroll
    for (int p = 0; p < kPacks; ++p) {
      const int64_t column = (p * kLanes + lane) * kLane, at = row * args.channels + column;
      if (row >= args.rows || column >= args.channels) continue;
      if (args.sum != nullptr) Store(args.sum + at, x[p]);
      if (args.out == nullptr) continue;
      const Pack gamma = Load(args.gamma + column);
      Pack result;
#pragma unroll
      for (int i = 0; i < kLane / 2; ++i) {
        result.pairs[i] = Pair(Silu(First(x[p].pairs[i]) * scale * First(gamma.pairs[i])),
                               Silu(Second(x[p].pairs[i]) * scale * Second(gamma.pairs[i])));
      }
      Store(args.out + at, result);
    }
  }
}

template <int kLanes, int kPacks>
void StartNormSilu(const NormSiluArgs& args, Stream stream) {
  const int64_t blocks = DivideUp(args.rows, kThreads / kLanes);
  NormSilu<kLanes, kPacks>
      <<<static_cast<unsigned>(blocks < kMostBlocks ? blocks : kMostBlocks), kThreads, 0, Native(stream)>>>(args);
}

// A block is one row of pixels of `out`, or a part of it where gridDim.y is more than 1.
__global__ void __launch_bounds__(kThreads) Enlarge(const EnlargeArgs args) {
  const int64_t line = blockIdx.x, t = line / (2 * args.height), out_y = line % (2 * args.height);
  const int64_t y = out_y / 2, r = out_y % 2;
  const int packs = static_cast<int>(args.channels / kLane), count = static_cast<int>(2 * args.width) * packs;
  const uint16_t* four = args.four + (t * (args.height + 1) + y + r) * (args.width + 1) * 4 * args.channels;
  const uint16_t* shortcut = args.shortcut + (t * args.height + y) * args.width * args.shortcut_channels;
  uint16_t* out = args.out + (t * args.frame_step * 2 * args.height + out_y) * 2 * args.width * args.channels;
  for (int i = static_cast<int>(blockIdx.y) * kThreads + static_cast<int>(threadIdx.x); i < count;
       i += static_cast<int>(gridDim.y) * kThreads) {
    const int out_x = i / packs, channel = i % packs * kLane, x = out_x / 2, q = out_x % 2;
    const int64_t position = 2 * r + q;
    const Floats pixel = ToFloats(Load(four + (x + q) * 4 * args.channels + position * args.channels + channel));
    const Floats bias = ToFloats(args.bias == nullptr ? Pack{} : Load(args.bias + channel));
    const uint16_t* from = shortcut + x * args.shortcut_channels;
    const auto positions = static_cast<unsigned>(args.positions), repeats = static_cast<unsigned>(args.repeats);
    const auto place = static_cast<unsigned>(args.first_position + position);
    Floats repeated;
#pragma unroll
    for (int k = 0; k < kLane; ++k) {
      const unsigned source = (static_cast<unsigned>(channel + k) * positions + place) / repeats;
      repeated.values[k] = ToFloat(from[source]);
    }
    Store(out + static_cast<int64_t>(i) * kLane, ToPack(pixel + bias + repeated));
  }
}

__device__ uint8_t ToByte(float v) {
  const float clamped = v > -1.0F ? (v < 1.0F ? v : 1.0F) : -1.0F;  // a NaN fails the first comparison
  return static_cast<uint8_t>((clamped + 1.0F) * 127.5F);
}

// One thread is one cell of 2x2 pixels.
__global__ void __launch_bounds__(kThreads) ToRgb(const ToRgbArgs args) {
  const int64_t cell = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  if (cell >= args.frames * args.height * args.width) return;
  union {
    uint2 words[3];
    Bf16 channels[12];
  } in;
  const uint2* from = reinterpret_cast<const uint2*>(args.x + cell * 12);
  for (int i = 0; i < 3; ++i) in.words[i] = from[i];
  const int64_t x = cell % args.width, line = cell / args.width;  // line: of cells, over all frames
#pragma unroll
  for (int row = 0; row < 2; ++row) {
    union {
      uint16_t words[3];
      uint8_t bytes[6];
    } pixels;
#pragma unroll
    for (int i = 0; i < 6; ++i) pixels.bytes[i] = ToByte(ToFloat(in.channels[(i % 3 * 2 + i / 3) * 2 + row]));
    uint16_t* to = reinterpret_cast<uint16_t*>(args.rgb + ((2 * line + row) * 2 * args.width + 2 * x) * 3);
    for (int i = 0; i < 3; ++i) to[i] = pixels.words[i];
  }
}

}  // namespace

void LaunchNormSilu(const NormSiluArgs& args, Stream stream) {
  if (args.rows == 0) return;
  if (args.channels <= 256) {
    StartNormSilu<16, 2>(args, stream);
  } else if (args.channels <= 512) {
    StartNormSilu<32, 2>(args, stream);
  } else {
    StartNormSilu<32, 4>(args, stream);
  }
}

void LaunchEnlarge(const EnlargeArgs& args, Stream stream) {
  const int64_t lines = args.frames * 2 * args.height;
  if (lines == 0) return;
  constexpr int64_t kRounds = 8;  // of a block
  const int64_t parts = DivideUp(2 * args.width * args.channels / kLane, kThreads * kRounds);
  Enlarge<<<dim3(static_cast<unsigned>(lines), static_cast<unsigned>(parts)), kThreads, 0, Native(stream)>>>(args);
}

void LaunchToRgb(const ToRgbArgs& args, Stream stream) {
  const int64_t cells = args.frames * args.height * args.width;
  if (cells == 0) return;
  ToRgb<<<static_cast<unsigned>(DivideUp(cells, kThreads)), kThreads, 0, Native(stream)>>>(args);
}

}  // namespace ovi::gpu
