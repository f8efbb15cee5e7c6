#include "engine/video_vae/latent_scale.h"

#include <ATen/ops/tensor.h>

#include <vector>

#include "engine/video_vae/conv.h"

namespace ovi {
namespace {

at::Tensor PerChannel(const std::vector<double>& values, c10::Device device) {
  return at::tensor(values, at::kFloat).reshape({1, -1, 1, 1, 1}).to(device);
}

}  // namespace

LatentScale::LatentScale(const VideoVaeConfig& config, const Placement& placement)
    : mean_(PerChannel(config.latent_mean, placement.device)),
      inverse_std_(PerChannel(config.latent_std, placement.device).reciprocal()),
      compute_(placement.compute) {}

at::Tensor LatentScale::Normalize(const at::Tensor& mean) const {
  return mean.to(at::kFloat).sub(mean_).mul_(inverse_std_);
}

at::Tensor LatentScale::Unnormalize(const at::Tensor& latent) const {
  const at::Tensor unscaled = latent.to(mean_.device(), at::kFloat).div(inverse_std_).add_(mean_).to(compute_);
  return unscaled.contiguous(ActivationFormat(unscaled));
}

}  // namespace ovi
