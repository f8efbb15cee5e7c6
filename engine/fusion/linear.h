// y = x W^T + b, several such layers with one input stacked into one product where that is worth it.
#pragma once

#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <string_view>
#include <vector>

#include "engine/checkpoint/weights.h"

namespace ovi {

class Linear {
 public:
  // Takes `weight` [out, in] and `bias` [out].
  Linear(const WeightScope& weights, int64_t in, int64_t out);
  // The layers `names` of `weights`, each in -> out, as one layer in -> names.size() * out. The outputs lie one behind
  // the other in the last dimension.
  Linear(const WeightScope& weights, std::initializer_list<std::string_view> names, int64_t in, int64_t out);

  at::Tensor Forward(const at::Tensor& x) const;      // [..., in] -> [..., out]
  at::Tensor ForwardGelu(const at::Tensor& x) const;  // gelu(Forward(x)), tanh form
  // Forward(x) cut into the outputs of the stacked layers, [..., out] each: views of one product, or, on a GPU, where
  // three products cost no more than one, tensors of their own, which attention reads 4 % faster.
  std::vector<at::Tensor> ForwardParts(const at::Tensor& x) const;
  at::ScalarType dtype() const { return weight_.scalar_type(); }

 private:
  at::Tensor weight_, bias_;
  int64_t parts_ = 1;
};

}  // namespace ovi
