#include "engine/audio_vae/audio_vae_encoder.h"

#include <ATen/ops/avg_pool1d.h>
#include <ATen/ops/clamp.h>

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"

namespace ovi {
namespace {

using Shape = AudioVaeShape;

std::vector<AudioLevel> TakeLevels(const WeightScope& weights, const AudioVaeConfig& config) {
  std::vector<AudioLevel> levels;
  for (int64_t level = 0; level < Shape::kLevels; ++level) {
    const int64_t below = std::max<int64_t>(level - 1, 0);
    levels.emplace_back(weights.Sub(level), AudioLevelChannels(config, below), AudioLevelChannels(config, level),
                        Shape::kEncoderBlocks);
  }
  return levels;
}

MagnitudeConv1d TakeHalvingConv(const WeightScope& weights, const AudioVaeConfig& config, std::string_view name) {
  const int64_t channels = AudioLevelChannels(config, Shape::kHalvedLevel);
  return MagnitudeConv1d(weights.Sub("encoder").Sub("down").Sub(Shape::kHalvedLevel).Sub("downsample").Sub(name),
                         channels, channels, 1);
}

}  // namespace

AudioVaeEncoder::AudioVaeEncoder(const WeightScope& weights, const AudioVaeConfig& config)
    : mel_(MelOptions{.num_mels = config.data_dim}, weights.placement().device),
      statistics_(weights, config),
      conv_in_(weights.Sub("encoder").Sub("conv_in"), config.data_dim, AudioLevelChannels(config, 0), Shape::kKernel),
      levels_(TakeLevels(weights.Sub("encoder").Sub("down"), config)),
      before_halving_(TakeHalvingConv(weights, config, "conv1")),
      after_halving_(TakeHalvingConv(weights, config, "conv2")),
      middle_(weights.Sub("encoder").Sub("mid"), AudioLevelChannels(config, Shape::kLevels - 1)),
      conv_out_(weights.Sub("encoder").Sub("conv_out"), AudioLevelChannels(config, Shape::kLevels - 1),
                2 * config.embed_dim, Shape::kKernel, weights.Sub("encoder").Take("learnable_gain", {})) {}

absl::StatusOr<AudioPosterior> AudioVaeEncoder::Encode(const at::Tensor& waveform) const {
  const int64_t shortest = 2 * mel_.options().hop;  // two mel frames make a latent step
  if (waveform.dim() != 2 || waveform.size(1) < shortest) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "waveform has %d dimensions and %d samples; it must be [batch, samples] with %d samples or more",
        waveform.dim(), waveform.dim() == 0 ? 0 : waveform.size(-1), shortest));
  }
  AudioPosterior posterior;
  posterior.mel = mel_.Forward(waveform);
  at::Tensor x = conv_in_.Forward(statistics_.Normalize(posterior.mel));
  for (int64_t level = 0; level < Shape::kLevels; ++level) {
    x = levels_[static_cast<size_t>(level)].Forward(x);
    if (level == Shape::kHalvedLevel) x = after_halving_.Forward(at::avg_pool1d(before_halving_.Forward(x), 2));
  }
  x = conv_out_.Forward(MagnitudeSilu(ClampActivation(middle_.Forward(x))));
  const std::vector<at::Tensor> moments = x.chunk(2, 1);
  posterior.mean = moments[0];
  posterior.logvar = at::clamp(moments[1], -30, 20);
  return posterior;
}

}  // namespace ovi
