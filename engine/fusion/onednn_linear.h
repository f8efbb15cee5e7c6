// Linear layers by oneDNN on a CPU. at::linear goes to MKL there, which on the machines we measured takes up to a
// quarter longer for our shapes, and cannot fold the GELU into the product (tanh alone was 4 % of a pass). The operator
// is the one that torch.compile uses for CPU inference; a LibTorch built without oneDNN does not have it.
#pragma once

#include <ATen/core/Tensor.h>

namespace ovi {

enum class Activation { kNone, kGeluTanh };

// Whether x is a float32 CPU tensor and this LibTorch has the operator. bfloat16 takes the ordinary way, whose
// roundings are upstream's: a folded GELU would skip one.
bool CanUseOneDnn(const at::Tensor& x);

// activation(x weight^T + bias); x [..., in], weight [out, in], bias [out]. Requires CanUseOneDnn(x).
at::Tensor OneDnnLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, Activation activation);

}  // namespace ovi
