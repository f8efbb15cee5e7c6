// Text encoder rows into the width of a tower.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"
#include "engine/fusion/linear.h"

namespace ovi {

class TextEmbedding {
 public:
  // Takes `text_embedding.*` of a tower.
  TextEmbedding(const WeightScope& tower, const TowerConfig& config);

  // text [n, text_dim], n <= text_len -> [1, n + 1, dim]: the last row is what a padding row of zeros becomes, constant
  // but not zero. Without it, [1, n, dim], if n = text_len and nothing is padded.
  at::Tensor Forward(const at::Tensor& text) const;

 private:
  Linear first_, second_;
  int64_t text_dim_, text_len_;
};

}  // namespace ovi
