#include "engine/fusion/residual_stream.h"

#include <utility>

#include "engine/kernels/tower_ops.h"

namespace ovi {

void ResidualStream::Add(at::Tensor addend) {
  Value();
  if (addend.size(0) != x_.size(0)) {
    x_ = x_.add(addend);
  } else if (gpu::CanFuse(x_)) {
    addend_ = std::move(addend);
  } else {
    x_.add_(addend);
  }
}

void ResidualStream::AddGated(at::Tensor addend, const at::Tensor& gate, int64_t clean_tokens) {
  Value();
  if (!gpu::CanFuse(x_)) return ovi::AddGated(x_, addend, gate, clean_tokens);
  addend_ = std::move(addend);
  gate_ = gate;
  clean_tokens_ = clean_tokens;
}

at::Tensor ResidualStream::Modulated(const at::Tensor& shift, const at::Tensor& scale, int64_t clean_tokens,
                                     double eps) {
  if (!gpu::CanFuse(x_)) return ModulatedNorm(Value(), shift, scale, clean_tokens, eps);
  return gpu::AddThenNorm(x_, std::exchange(addend_, {}), std::exchange(gate_, {}), clean_tokens,
                          {.scale = scale, .shift = shift, .rounds_between = true, .eps = eps})
      .first;
}

ResidualStream::Pair ResidualStream::Norms(const LayerNorm& first, const LayerNorm& second) {
  if (!gpu::CanFuse(x_)) return {first.Forward(Value()), second.Forward(x_)};
  gpu::NormPair norms = gpu::AddThenNorm(x_, std::exchange(addend_, {}), std::exchange(gate_, {}), clean_tokens_,
                                         {.scale = first.weight(), .shift = first.bias(), .eps = first.eps()},
                                         {.scale = second.weight(), .shift = second.bias(), .eps = second.eps()});
  return {std::move(norms.first), std::move(norms.second)};
}

const at::Tensor& ResidualStream::Value() {
  if (addend_.defined()) {
    gpu::AddThenNorm(x_, std::exchange(addend_, {}), std::exchange(gate_, {}), clean_tokens_);
  }
  return x_;
}

}  // namespace ovi
