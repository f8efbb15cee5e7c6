#include "engine/fusion/linear.h"

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
}

at::Tensor Linear::Forward(const at::Tensor& x) const {
  if (CanUseOneDnn(x)) return OneDnnLinear(x, weight_, bias_, Activation::kNone);
  return at::linear(x, weight_, bias_);
}

at::Tensor Linear::ForwardGelu(const at::Tensor& x) const {
  if (CanUseOneDnn(x)) return OneDnnLinear(x, weight_, bias_, Activation::kGeluTanh);
  at::Tensor y = at::linear(x, weight_, bias_);
  return at::gelu_(y, "tanh");
}

}  // namespace ovi
