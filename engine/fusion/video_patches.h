// Video latents to tokens and back. A token is one patch, [pt, ph, pw] latent pixels of all channels; tokens run over
// frames, then rows, then columns.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/weights.h"

namespace ovi {

// A video latent counted in tokens.
struct TokenGrid {
  int64_t frames = 0, rows = 0, columns = 0;
  int64_t tokens() const { return frames * rows * columns; }
  int64_t tokens_per_frame() const { return rows * columns; }
};

class VideoPatchEmbedding {
 public:
  // Takes `patch_embedding.*` of the video tower.
  VideoPatchEmbedding(const WeightScope& tower, const TowerConfig& config);

  // Throws c10::Error if the latent [C, F, h, w] does not divide into patches.
  TokenGrid Grid(const at::Tensor& latent) const;
  // -> [1, N, dim]. Patches do not overlap, so the convolution of the checkpoint is one matrix product.
  at::Tensor Forward(const at::Tensor& latent) const;

 private:
  std::array<int64_t, 3> patch_;
  at::Tensor weight_;  // [dim, C * pt * ph * pw]
  at::Tensor bias_;
};

// Head output [N, pt * ph * pw * C] -> [C, F, h, w], contiguous. Unlike the embedding, channels come last in a patch.
at::Tensor Unpatchify(const at::Tensor& tokens, const TokenGrid& grid, const TowerConfig& config);

}  // namespace ovi
