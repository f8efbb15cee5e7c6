#include "engine/audio_vae/anti_aliased_snake.h"

#include <ATen/ops/add.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv_transpose1d.h>
#include <ATen/ops/div.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/kaiser_window.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/replication_pad1d.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/sinc.h>
#include <ATen/ops/square.h>
#include <ATen/ops/sum.h>

#include <algorithm>
#include <numbers>

#include "engine/kernels/snake_ops.h"

namespace ovi {
namespace {

at::Tensor TakePerChannel(const WeightScope& weights, std::string_view name, int64_t channels, bool log_scale) {
  const at::Tensor value = weights.Take(name, {channels}).reshape({1, channels, 1});
  // Autocast takes exponentials in float32; without one the parameter stays as it was rounded.
  return log_scale ? at::exp(value.to(at::kFloat)) : value;
}

bool KernelCanRun(const at::Tensor& x) { return x.device().is_cpu() && x.scalar_type() == at::kFloat; }

gpu::SnakeTaps TapsOf(const SnakePhases& phases) {
  gpu::SnakeTaps taps;
  std::ranges::copy(phases.up_even, taps.up_even);
  std::ranges::copy(phases.up_odd, taps.up_odd);
  std::ranges::copy(phases.down_even, taps.down_even);
  std::ranges::copy(phases.down_odd, taps.down_odd);
  return taps;
}

}  // namespace

at::Tensor KaiserLowPass() {
  constexpr double kCutoff = 0.25, kHalfWidth = 0.3;  // of the doubled rate
  // Kaiser's formulas for the attenuation of a window this long, and the shape that reaches it (above 50 dB).
  constexpr double kAttenuation = 2.285 * (kSnakeTaps / 2 - 1) * std::numbers::pi * (4 * kHalfWidth) + 7.95;
  constexpr double kShape = 0.1102 * (kAttenuation - 8.7);
  const auto options = at::TensorOptions().dtype(at::kFloat);
  const at::Tensor window = at::kaiser_window(kSnakeTaps, /*periodic=*/false, kShape, options);
  const at::Tensor time = at::add(at::arange(-kSnakeTaps / 2, kSnakeTaps / 2, options), 0.5);
  const at::Tensor taps = at::mul(window, at::mul(at::sinc(at::mul(time, 2 * kCutoff)), 2 * kCutoff));
  return at::div(taps, at::sum(taps)).reshape({1, 1, kSnakeTaps});
}

AntiAliasedSnake::AntiAliasedSnake(const WeightScope& weights, int64_t channels, bool log_scale)
    : up_filter_(weights.Sub("upsample").Take("filter", {1, 1, kSnakeTaps})),
      down_filter_(weights.Sub("downsample").Sub("lowpass").Take("filter", {1, 1, kSnakeTaps})),
      alpha_(TakePerChannel(weights.Sub("act"), "alpha", channels, log_scale)),
      inverse_beta_(at::reciprocal(
          at::add(TakePerChannel(weights.Sub("act"), "beta", channels, log_scale), 1e-9).to(at::kFloat))) {
  if (up_filter_.is_meta()) return;  // built for its shapes alone
  const at::Tensor up = up_filter_.to(at::kCPU, at::kFloat), down = down_filter_.to(at::kCPU, at::kFloat);
  phases_ = SplitSnakeTaps(up.const_data_ptr<float>(), down.const_data_ptr<float>());
}

at::Tensor AntiAliasedSnake::Forward(const at::Tensor& x, Probe* probe) const {
  if (probe != nullptr) {
    const at::Tensor up = Upsample(x);
    probe->Record("activation_up", up);
    probe->Record("activation_act", Snake(up));
  }
  at::Tensor out;
  if (KernelCanRun(x)) {
    const at::Tensor rows = x.contiguous();
    out = at::empty_like(rows);
    AntiAliasedSnakeRows(rows.const_data_ptr<float>(), out.mutable_data_ptr<float>(), x.size(0) * x.size(1), x.size(1),
                         x.size(2), phases_, alpha_.const_data_ptr<float>(), inverse_beta_.const_data_ptr<float>());
  } else if (gpu::CanFuseSnake(x, alpha_)) {
    out = gpu::AntiAliasedSnake(x, TapsOf(phases_), alpha_, inverse_beta_);
  } else {
    out = ForwardByOps(x);
  }
  if (probe != nullptr) probe->Record("activation_out", out);
  return out;
}

at::Tensor AntiAliasedSnake::ForwardByOps(const at::Tensor& x) const { return Downsample(Snake(Upsample(x))); }

at::Tensor AntiAliasedSnake::Upsample(const at::Tensor& x) const {
  constexpr int64_t kPad = kSnakeTaps / 2 - 1;
  constexpr int64_t kCrop = 2 * kPad + (kSnakeTaps - 2) / 2;  // what the padding and the filter's ramp added
  const int64_t channels = x.size(1);
  const at::Tensor padded = at::replication_pad1d(x, {kPad, kPad});
  const at::Tensor filtered =
      at::conv_transpose1d(padded, up_filter_.expand({channels, 1, kSnakeTaps}), /*bias=*/{}, /*stride=*/2,
                           /*padding=*/0, /*output_padding=*/0, /*groups=*/channels);
  return at::mul(filtered, 2).slice(-1, kCrop, filtered.size(-1) - kCrop);
}

at::Tensor AntiAliasedSnake::Snake(const at::Tensor& x) const {
  // Type promotion does what autocast did upstream: with log_scale alpha is float32 and so is everything from here on;
  // without, the sine is taken in x's dtype and only its square is widened.
  const at::Tensor sine = at::sin(at::mul(x, alpha_));
  return at::add(x, at::mul(inverse_beta_, at::square(sine.to(at::kFloat))));
}

at::Tensor AntiAliasedSnake::Downsample(const at::Tensor& x) const {
  const int64_t channels = x.size(1);
  const at::Tensor padded = at::replication_pad1d(x, {kSnakeTaps / 2 - 1, kSnakeTaps / 2});
  return at::conv1d(padded.to(down_filter_.scalar_type()), down_filter_.expand({channels, 1, kSnakeTaps}), /*bias=*/{},
                    /*stride=*/2, /*padding=*/at::IntArrayRef{0}, /*dilation=*/1, /*groups=*/channels);
}

}  // namespace ovi
