#include "engine/video_vae/rms_norm.h"

#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/silu.h>

#include <cmath>
#include <utility>
#include <vector>

#include "engine/kernels/vae_ops.h"
#include "engine/video_vae/norm_silu_kernel.h"

namespace ovi {
namespace {

constexpr double kSmallestNorm = 1e-12;

// Whether the positions of `x` [1, C, T, H, W] are rows of C floats, one right after another.
bool IsDenseRows(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && x.size(0) == 1 &&
         x.is_contiguous(at::MemoryFormat::ChannelsLast3d);
}

std::vector<int64_t> GammaShape(int64_t channels, int rank) {
  std::vector<int64_t> shape(static_cast<size_t>(rank), 1);
  shape[0] = channels;
  return shape;
}

}  // namespace

ChannelRmsNorm::ChannelRmsNorm(const WeightScope& weights, int64_t channels, int gamma_rank)
    : gamma_(weights.Take("gamma", GammaShape(channels, gamma_rank)).reshape({1, channels, 1, 1, 1})) {}

at::Tensor ChannelRmsNorm::Forward(const at::Tensor& x) const { return Normalise(x).to(x.scalar_type()); }

at::Tensor ChannelRmsNorm::Normalise(const at::Tensor& x) const {
  const at::Tensor wide = x.to(at::kFloat);
  const at::Tensor norm =
      at::linalg_vector_norm(wide, 2, at::IntArrayRef{1}, /*keepdim=*/true).clamp_min_(kSmallestNorm);
  return wide.div(norm).mul_(std::sqrt(static_cast<double>(x.size(1)))).mul_(gamma_);
}

at::Tensor ChannelRmsNorm::SiluReference(const at::Tensor& x) const {
  at::Tensor y = Normalise(x);
  return at::silu_(y);
}

void ChannelRmsNorm::SiluInto(PendingSum& sum, Keep keep, const at::Tensor& out) const {
  if (gpu::CanFuseActivation(sum.x) && gpu::CanFuseActivation(out) &&
      (!sum.addend.defined() || gpu::CanFuseActivation(sum.addend))) {
    const bool pending = sum.addend.defined() || sum.bias.defined();
    gpu::NormSilu({.x = sum.x,
                   .bias = sum.bias,
                   .addend = sum.addend,
                   .gamma = gamma_,
                   .sum = keep == Keep::kSum && pending ? sum.x : at::Tensor(),
                   .out = out},
                  kSmallestNorm);
    if (keep == Keep::kSum) sum = {.x = std::move(sum.x)};
    return;
  }
  const at::Tensor x = Settle(sum);
  if (IsDenseRows(x) && IsDenseRows(out) && gamma_.is_contiguous()) {
    NormalizeSiluRows(x.const_data_ptr<float>(), out.mutable_data_ptr<float>(), x.numel() / x.size(1), x.size(1),
                      gamma_.const_data_ptr<float>(), static_cast<float>(kSmallestNorm));
  } else {
    out.copy_(SiluReference(x));
  }
}

}  // namespace ovi
