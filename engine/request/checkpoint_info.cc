#include "engine/request/checkpoint_info.h"

#include <functional>
#include <numeric>

namespace ovi {
namespace {

constexpr int kMaxSteps = 1000;  // the timesteps the model was trained with: more would repeat some
constexpr int kMaxSide = 4096;   // 4K film: a side only tells the aspect ratio, as the area is the checkpoint's
constexpr int64_t kMaxPromptBytes = 16 << 10;  // 512 tokens are 2 to 3 KB of English; what exceeds them is cut off
constexpr int64_t kMaxImageBytes = int64_t{32} << 20;
constexpr int64_t kMaxImagePixels = int64_t{1} << 25;
constexpr int64_t kMelPerLatent = 2;  // mel frames of one audio latent step

int64_t SamplesPerLatent(const VocoderConfig& vocoder) {
  return std::accumulate(vocoder.upsample_rates.begin(), vocoder.upsample_rates.end(), kMelPerLatent,
                         std::multiplies<>());
}

}  // namespace

CheckpointInfo MakeCheckpointInfo(const CheckpointConfig& checkpoint, const BundleConfig& bundle) {
  const SamplingDefaults& defaults = bundle.defaults;
  const int64_t num_layers = bundle.fusion.video.num_layers;
  return {.name = checkpoint.name,
          .frames = static_cast<int>(checkpoint.frames()),
          .frames_per_second = checkpoint.frames_per_second,
          .audio_samples = checkpoint.audio_latent_length * SamplesPerLatent(bundle.vocoder),
          .sample_rate_hz = static_cast<int>(checkpoint.sample_rate),
          .video_area = checkpoint.video_area,
          .size_multiple = static_cast<int>(checkpoint.size_multiple),
          .num_layers = static_cast<int>(num_layers),
          .default_height = static_cast<int>(defaults.height),
          .default_width = static_cast<int>(defaults.width),
          .default_steps = static_cast<int>(defaults.steps),
          // A default that a shallow model has no block for skips none, as in upstream; asked for, it is an error.
          .default_slg_layer = static_cast<int>(defaults.slg_layer < num_layers ? defaults.slg_layer : 0),
          .default_solver = defaults.solver,
          .default_shift = defaults.shift,
          .default_video_guidance_scale = defaults.video_guidance_scale,
          .default_audio_guidance_scale = defaults.audio_guidance_scale,
          .default_video_negative_prompt = defaults.video_negative_prompt,
          .default_audio_negative_prompt = defaults.audio_negative_prompt,
          .max_steps = kMaxSteps,
          .max_side = kMaxSide,
          .max_prompt_bytes = kMaxPromptBytes,
          .max_image_bytes = kMaxImageBytes,
          .max_image_pixels = kMaxImagePixels};
}

}  // namespace ovi
