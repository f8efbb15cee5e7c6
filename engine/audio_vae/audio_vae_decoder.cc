#include "engine/audio_vae/audio_vae_decoder.h"

#include <ATen/ops/repeat_interleave.h>

#include <algorithm>

namespace ovi {
namespace {

using Shape = AudioVaeShape;

std::vector<AudioLevel> TakeLevels(const WeightScope& weights, const AudioVaeConfig& config) {
  std::vector<AudioLevel> levels;
  for (int64_t level = 0; level < Shape::kLevels; ++level) {
    const int64_t above = std::min(level + 1, Shape::kLevels - 1);  // the level that ran before this one
    levels.emplace_back(weights.Sub(level), AudioLevelChannels(config, above), AudioLevelChannels(config, level),
                        Shape::kDecoderBlocks);
  }
  return levels;
}

}  // namespace

AudioVaeDecoder::AudioVaeDecoder(const WeightScope& weights, const AudioVaeConfig& config)
    : statistics_(weights, config),
      conv_in_(weights.Sub("decoder").Sub("conv_in"), config.embed_dim, AudioLevelChannels(config, Shape::kLevels - 1),
               Shape::kKernel),
      middle_(weights.Sub("decoder").Sub("mid"), AudioLevelChannels(config, Shape::kLevels - 1)),
      levels_(TakeLevels(weights.Sub("decoder").Sub("up"), config)),
      upsample_(weights.Sub("decoder").Sub("up").Sub(Shape::kHalvedLevel + 1).Sub("upsample").Sub("conv"),
                AudioLevelChannels(config, Shape::kHalvedLevel + 1),
                AudioLevelChannels(config, Shape::kHalvedLevel + 1), Shape::kKernel),
      conv_out_(weights.Sub("decoder").Sub("conv_out"), AudioLevelChannels(config, 0), config.data_dim, Shape::kKernel,
                weights.Sub("decoder").Take("learnable_gain", {})) {}

at::Tensor AudioVaeDecoder::Decode(const at::Tensor& latent, Probe* probe) const {
  at::Tensor x = middle_.Forward(conv_in_.Forward(latent));
  if (probe != nullptr) probe->Record("mid", x);
  x = ClampActivation(x);
  for (int64_t level = Shape::kLevels - 1; level >= 0; --level) {
    x = levels_[static_cast<size_t>(level)].Forward(x);
    if (level != Shape::kHalvedLevel + 1) continue;
    x = upsample_.Forward(at::repeat_interleave(x, 2, -1));
    if (probe != nullptr) probe->Record("upsampled", x);
  }
  return statistics_.Restore(conv_out_.Forward(MagnitudeSilu(x)));
}

}  // namespace ovi
