#include "engine/video_vae/upsample.h"

#include <ATen/ops/add.h>
#include <ATen/ops/cat.h>

#include <array>
#include <cstddef>

#include "engine/kernels/vae_ops.h"

namespace ovi {
namespace {

// The taps of one axis: at the first pixel of a cell the three taps fall on the small pixels -1, 0, 0, at the second on
// 0, 0, 1. `dim` has size 3 in `weight` and 2 in the result.
at::Tensor FoldTaps(const at::Tensor& weight, int64_t dim, bool second) {
  const at::Tensor a = weight.narrow(dim, 0, 1), b = weight.narrow(dim, 1, 1), c = weight.narrow(dim, 2, 1);
  return second ? at::cat({a.add(b), c}, dim) : at::cat({a, b.add(c)}, dim);
}

// Summed in float32 from the weights as placed, so that a bfloat16 checkpoint keeps the exact sums in a float32 run.
Conv FoldUpsampling(const WeightScope& weights, int64_t channels) {
  const at::Tensor placed = weights.Take("weight", {channels, channels, 3, 3});
  const at::Tensor weight = placed.to(at::kFloat).unsqueeze(2);
  std::vector<at::Tensor> cell;
  for (const bool lower : {false, true}) {
    for (const bool right : {false, true}) cell.push_back(FoldTaps(FoldTaps(weight, 3, lower), 4, right));
  }
  return Conv(at::cat(cell, 0).to(placed.scalar_type()), weights.Take("bias", {channels}).repeat({4}), {0, 1, 1});
}

std::vector<Conv> SplitTimeConv(const WeightScope& weights, int64_t channels) {
  const Conv both(weights, {2 * channels, channels, 3, 1, 1});
  std::vector<Conv> halves;
  for (const int64_t first : {int64_t{0}, channels}) {
    halves.emplace_back(both.weight().narrow(0, first, channels), both.bias().narrow(0, first, channels));
  }
  return halves;
}

}  // namespace

Upsample::Upsample(const WeightScope& weights, const VaeStage& stage, HistoryLayout& layout)
    : stage_(stage),
      shortcut_(stage, weights.placement().device),
      four_(FoldUpsampling(weights.Sub("resample").Sub(1), stage.out)),
      history_(2, layout) {
  if (stage.time_factor > 1) times_ = SplitTimeConv(weights.Sub("time_conv"), stage.out);
}

at::Tensor Upsample::Forward(PendingSum x, const at::Tensor& stage_input, StreamState& state) const {
  const auto factor = static_cast<int64_t>(times_.size());
  const bool doubles = factor > 0 && !state.first_chunk();
  const int64_t channels = x.x.size(1), count = x.x.size(2), height = x.x.size(3), width = x.x.size(4);
  const at::Tensor out = EmptyActivation({1, channels, count * (doubles ? factor : 1), 2 * height, 2 * width}, x.x);
  if (!doubles) {
    // The first chunk is the last frame of its cell: the ones before it would lie before the clip.
    Enlarge(Settle(x), stage_input, {.t = factor > 0 ? factor - 1 : 0, .first = 0, .step = 1}, out);
    return out;
  }
  const at::Tensor window = history_.Open(x.x.sizes(), x.x, state);
  SettleInto(x, history_.Fresh(window));
  x = {};
  history_.Remember(window, state);
  for (int64_t t = 0; t < factor; ++t) {
    const at::Tensor frames = times_[static_cast<size_t>(t)].Forward(window);
    Enlarge(frames, stage_input, {.t = t, .first = t, .step = factor}, out);
  }
  return out;
}

void Upsample::Enlarge(const at::Tensor& x, const at::Tensor& stage_input, const Frames& frames,
                       const at::Tensor& out) const {
  const int64_t channels = x.size(1), height = x.size(3), width = x.size(4);
  // The convolution makes one position more than x has each way: the upper (left) pixels of a cell use all but the
  // last, the lower all but the first.
  if (gpu::CanFuseActivation(out) && gpu::CanFuseActivation(stage_input)) {
    const int64_t cell = stage_.space_factor * stage_.space_factor;
    const gpu::CellPlace place{.positions = stage_.positions(),
                               .first_position = frames.t * cell,
                               .repeats = stage_.out * stage_.positions() / stage_.in};
    gpu::Enlarge({.four = four_.ForwardWithoutBias(x).contiguous(ActivationFormat(x)),
                  .bias = four_.bias().narrow(0, 0, channels),
                  .shortcut = stage_input,
                  .out = out},
                 place, frames.first, frames.step);
    return;
  }
  const at::Tensor four = four_.Forward(x);
  const at::Tensor mine = out.slice(2, frames.first, out.size(2), frames.step);
  for (int64_t row = 0; row < 2; ++row) {
    for (int64_t column = 0; column < 2; ++column) {
      at::Tensor target = mine.slice(3, row, 2 * height, 2).slice(4, column, 2 * width, 2);
      const at::Tensor pixels =
          four.narrow(1, (2 * row + column) * channels, channels).narrow(3, row, height).narrow(4, column, width);
      at::add_out(target, pixels, shortcut_.Position(stage_input, frames.t, row, column));
    }
  }
}

}  // namespace ovi
