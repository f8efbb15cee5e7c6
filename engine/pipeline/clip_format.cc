#include "engine/pipeline/clip_format.h"

#include <nlohmann/json.hpp>
#include <string>

#include "engine/pipeline/solver_name.h"

namespace ovi {
namespace {

// Everything but prompt, seed and checkpoint that would make the clip again.
std::string SettingsJson(const ClipSpec& spec) {
  const nlohmann::ordered_json settings = {{"height", spec.height},
                                           {"width", spec.width},
                                           {"steps", spec.steps},
                                           {"solver", SolverName(spec.solver)},
                                           {"shift", spec.shift},
                                           {"video_guidance_scale", spec.video_guidance_scale},
                                           {"audio_guidance_scale", spec.audio_guidance_scale},
                                           {"slg_layer", spec.slg_layer},
                                           {"video_negative_prompt", spec.video_negative_prompt},
                                           {"audio_negative_prompt", spec.audio_negative_prompt},
                                           {"noise_source", spec.noise_source == NoiseSource::kCpu ? "cpu" : "device"},
                                           {"first_frame", !spec.first_frame.empty()}};
  return settings.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

ClipFormat ClipFormatOf(const Models& models, const ClipSpec& spec) {
  return {.output = spec.output_format,
          .width = spec.width,
          .height = spec.height,
          .frames_per_second = models.checkpoint.frames_per_second,
          .sample_rate_hz = static_cast<int>(models.checkpoint.sample_rate),
          .metadata = {.prompt = spec.prompt,
                       .seed = spec.seed,
                       .checkpoint = spec.checkpoint,
                       .version = OVI_VERSION,
                       .settings = SettingsJson(spec)}};
}

}  // namespace ovi
