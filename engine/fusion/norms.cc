#include "engine/fusion/norms.h"

#include <ATen/ops/layer_norm.h>
#include <ATen/ops/rms_norm.h>

namespace ovi {

at::Tensor RmsNorm::Forward(const at::Tensor& x) const {
  const int64_t dim = weight_.size(0);
  if (x.scalar_type() == at::kFloat) return at::rms_norm(x, {dim}, weight_, eps_);
  // The fused form would round once, after the weight.
  return at::rms_norm(x, {dim}, {}, eps_).mul_(weight_);
}

LayerNorm::LayerNorm(const WeightScope& weights, int64_t dim, double eps)
    : weight_(weights.Take("weight", {dim})), bias_(weights.Take("bias", {dim})), eps_(eps) {}

at::Tensor LayerNorm::Forward(const at::Tensor& x) const {
  return at::layer_norm(x, {weight_.size(0)}, weight_, bias_, eps_);
}

}  // namespace ovi
