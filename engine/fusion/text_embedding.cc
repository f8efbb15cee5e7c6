#include "engine/fusion/text_embedding.h"

#include <ATen/ops/constant_pad_nd.h>

namespace ovi {

TextEmbedding::TextEmbedding(const WeightScope& tower, const TowerConfig& config)
    : first_(tower.Sub("text_embedding").Sub(0), config.text_dim, config.dim),
      second_(tower.Sub("text_embedding").Sub(2), config.dim, config.dim),
      text_dim_(config.text_dim),
      text_len_(config.text_len) {}

at::Tensor TextEmbedding::Forward(const at::Tensor& text) const {
  TORCH_CHECK(text.dim() == 2 && text.size(0) <= text_len_ && text.size(1) == text_dim_, "text embedding is ",
              text.sizes(), "; it must be [n, ", text_dim_, "] with n at most ", text_len_);
  const int64_t padding = text.size(0) < text_len_ ? 1 : 0;
  const at::Tensor rows = at::constant_pad_nd(text.to(first_.dtype()), {0, 0, 0, padding});
  return second_.Forward(first_.ForwardGelu(rows)).unsqueeze(0);
}

}  // namespace ovi
