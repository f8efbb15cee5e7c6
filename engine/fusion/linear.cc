#include "engine/fusion/linear.h"

#include <ATen/ops/_addmm_activation.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>

#include <vector>

#include "engine/fusion/onednn_linear.h"

namespace ovi {

Linear::Linear(const WeightScope& weights, int64_t in, int64_t out)
    : weight_(weights.Take("weight", {out, in})), bias_(weights.Take("bias", {out})) {}

Linear::Linear(const WeightScope& weights, std::initializer_list<std::string_view> names, int64_t in, int64_t out) {
  std::vector<at::Tensor> matrices, biases;
  for (const std::string_view name : names) {
    matrices.push_back(weights.Sub(name).Take("weight", {out, in}));
    biases.push_back(weights.Sub(name).Take("bias", {out}));
  }
  weight_ = at::cat(matrices);
  bias_ = at::cat(biases);
  parts_ = static_cast<int64_t>(names.size());
}

at::Tensor Linear::Forward(const at::Tensor& x) const {
  if (CanUseOneDnn(x)) return OneDnnLinear(x, weight_, bias_, Activation::kNone);
  return at::linear(x, weight_, bias_);
}

at::Tensor Linear::ForwardGelu(const at::Tensor& x) const {
  if (CanUseOneDnn(x)) return OneDnnLinear(x, weight_, bias_, Activation::kGeluTanh);
  if (!x.is_cpu()) {
    // In the product's epilogue, before its sums are rounded: one pass over the widest activation less.
    const at::Tensor rows = x.reshape({-1, x.size(-1)});
    const at::Tensor y = at::_addmm_activation(bias_, rows, weight_.t(), /*beta=*/1, /*alpha=*/1, /*use_gelu=*/true);
    return y.unflatten(0, x.sizes().slice(0, x.dim() - 1));
  }
  at::Tensor y = at::linear(x, weight_, bias_);
  return at::gelu_(y, "tanh");
}

std::vector<at::Tensor> Linear::ForwardParts(const at::Tensor& x) const {
  if (x.is_cpu()) return Forward(x).chunk(parts_, -1);
  const std::vector<at::Tensor> weights = weight_.chunk(parts_, 0), biases = bias_.chunk(parts_, 0);
  std::vector<at::Tensor> outputs;
  for (size_t i = 0; i < weights.size(); ++i) outputs.push_back(at::linear(x, weights[i], biases[i]));
  return outputs;
}

}  // namespace ovi
