#include "engine/video_vae/rms_norm.h"

#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/silu.h>

#include <cmath>
#include <vector>

#include "engine/video_vae/norm_silu_kernel.h"

namespace ovi {
namespace {

constexpr double kSmallestNorm = 1e-12;

// Whether the positions of `x` [1, C, T, H, W] are rows of C floats, one right after another.
bool IsDenseRows(const at::Tensor& x) {
  const int64_t channels = x.size(1), width = x.size(4), area = x.size(3) * width;
  return x.is_cpu() && x.scalar_type() == at::kFloat && x.size(0) == 1 && (channels == 1 || x.stride(1) == 1) &&
         (width == 1 || x.stride(4) == channels) && (x.size(3) == 1 || x.stride(3) == width * channels) &&
         (x.size(2) == 1 || x.stride(2) == area * channels);
}

std::vector<int64_t> GammaShape(int64_t channels, int rank) {
  std::vector<int64_t> shape(static_cast<size_t>(rank), 1);
  shape[0] = channels;
  return shape;
}

}  // namespace

ChannelRmsNorm::ChannelRmsNorm(const WeightScope& weights, int64_t channels, int gamma_rank)
    : gamma_(weights.Take("gamma", GammaShape(channels, gamma_rank)).reshape({1, channels, 1, 1, 1})) {}

at::Tensor ChannelRmsNorm::Forward(const at::Tensor& x) const {
  const at::Tensor norm = at::linalg_vector_norm(x, 2, at::IntArrayRef{1}, /*keepdim=*/true).clamp_min_(kSmallestNorm);
  return x.div(norm).mul_(std::sqrt(static_cast<double>(x.size(1)))).mul_(gamma_);
}

at::Tensor ChannelRmsNorm::SiluReference(const at::Tensor& x) const {
  at::Tensor y = Forward(x);
  return at::silu_(y);
}

void ChannelRmsNorm::SiluInto(const at::Tensor& x, const at::Tensor& out) const {
  if (IsDenseRows(x) && IsDenseRows(out) && gamma_.is_contiguous()) {
    NormalizeSiluRows(x.const_data_ptr<float>(), out.mutable_data_ptr<float>(), x.numel() / x.size(1), x.size(1),
                      gamma_.const_data_ptr<float>(), static_cast<float>(kSmallestNorm));
  } else {
    out.copy_(SiluReference(x));
  }
}

}  // namespace ovi
