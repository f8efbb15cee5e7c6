#include "engine/fusion/video_patches.h"

#include <ATen/ops/linear.h>

namespace ovi {

VideoPatchEmbedding::VideoPatchEmbedding(const WeightScope& tower, const TowerConfig& config)
    : patch_{config.patch_size.at(0), config.patch_size.at(1), config.patch_size.at(2)},
      weight_(tower.Sub("patch_embedding")
                  .Take("weight", {config.dim, config.in_dim, patch_[0], patch_[1], patch_[2]})
                  .flatten(1)),
      bias_(tower.Sub("patch_embedding").Take("bias", {config.dim})) {}

TokenGrid VideoPatchEmbedding::Grid(const at::Tensor& latent) const {
  TORCH_CHECK(latent.dim() == 4 && latent.size(1) % patch_[0] == 0 && latent.size(2) % patch_[1] == 0 &&
                  latent.size(3) % patch_[2] == 0,
              "video latent is ", latent.sizes(), "; it must be [C, F, h, w] in whole patches of ",
              at::IntArrayRef(patch_));
  return {latent.size(1) / patch_[0], latent.size(2) / patch_[1], latent.size(3) / patch_[2]};
}

at::Tensor VideoPatchEmbedding::Forward(const at::Tensor& latent) const {
  const TokenGrid grid = Grid(latent);
  const at::Tensor patches =
      latent.to(weight_.scalar_type())
          .reshape({latent.size(0), grid.frames, patch_[0], grid.rows, patch_[1], grid.columns, patch_[2]})
          .permute({1, 3, 5, 0, 2, 4, 6})
          .reshape({1, grid.tokens(), weight_.size(1)});
  return at::linear(patches, weight_, bias_);
}

at::Tensor Unpatchify(const at::Tensor& tokens, const TokenGrid& grid, const TowerConfig& config) {
  const int64_t t = config.patch_size[0], h = config.patch_size[1], w = config.patch_size[2];
  return tokens.reshape({grid.frames, grid.rows, grid.columns, t, h, w, config.out_dim})
      .permute({6, 0, 3, 1, 4, 2, 5})
      .reshape({config.out_dim, grid.frames * t, grid.rows * h, grid.columns * w})
      .contiguous();
}

}  // namespace ovi
