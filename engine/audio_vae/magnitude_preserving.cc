#include "engine/audio_vae/magnitude_preserving.h"

#include <ATen/ops/add.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/div.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/silu.h>

#include <cmath>

namespace ovi {
namespace {

constexpr double kEpsilon = 1e-4;

// epsilon + norm * sqrt(1 / count) in one kernel, as one rounding decides the last bit of every weight.
at::Tensor RootMeanSquare(const at::Tensor& x, at::IntArrayRef dims) {
  const at::Tensor norm = at::linalg_vector_norm(x, 2, dims, /*keepdim=*/true, at::kFloat);
  const double inverse_count = static_cast<double>(norm.numel()) / static_cast<double>(x.numel());
  return at::add(at::scalar_tensor(kEpsilon, norm.options()), norm, std::sqrt(inverse_count));
}

at::Tensor UnitWeight(const WeightScope& weights, at::IntArrayRef shape) {
  const at::Tensor raw = weights.TakeRaw("weight", shape);
  const double fan_in = static_cast<double>(shape[1] * shape[2]);
  return weights.Place(at::div(at::div(raw, RootMeanSquare(raw, {1, 2})), std::sqrt(fan_in)));
}

}  // namespace

at::Tensor NormalizeMagnitude(const at::Tensor& x, int64_t dim) {
  return at::div(x, RootMeanSquare(x, dim).to(x.scalar_type()));
}

at::Tensor MagnitudeSilu(const at::Tensor& x) { return at::div(at::silu(x), 0.596); }

at::Tensor MagnitudeSum(const at::Tensor& residual, const at::Tensor& branch) {
  constexpr double kShare = 0.3;
  return at::div(at::lerp(residual, branch, kShare), std::sqrt((1 - kShare) * (1 - kShare) + kShare * kShare));
}

MagnitudeConv1d::MagnitudeConv1d(const WeightScope& weights, int64_t in_channels, int64_t out_channels,
                                 int64_t kernel_size)
    : weight_(UnitWeight(weights, {out_channels, in_channels, kernel_size})) {}

MagnitudeConv1d::MagnitudeConv1d(const WeightScope& weights, int64_t in_channels, int64_t out_channels,
                                 int64_t kernel_size, const at::Tensor& gain)
    : weight_(at::mul(UnitWeight(weights, {out_channels, in_channels, kernel_size}), at::add(gain, 1))) {}

at::Tensor MagnitudeConv1d::Forward(const at::Tensor& x) const {
  return at::conv1d(x.to(weight_.scalar_type()), weight_, /*bias=*/{}, /*stride=*/1,
                    /*padding=*/at::IntArrayRef(weight_.size(2) / 2));
}

}  // namespace ovi
