#include "server/stores/record/clip_record.h"

namespace ovi {

store::v1::ClipSpecRecord ToRecord(const ClipSpec& clip) {
  store::v1::ClipSpecRecord record;
  record.set_checkpoint(clip.checkpoint);
  record.set_prompt(clip.prompt);
  record.set_effective_prompt(clip.effective_prompt);
  record.set_video_negative_prompt(clip.video_negative_prompt);
  record.set_audio_negative_prompt(clip.audio_negative_prompt);
  record.set_image_fit(static_cast<int>(clip.image_fit));
  record.set_height(clip.height);
  record.set_width(clip.width);
  record.set_frames(clip.frames);
  record.set_seed(clip.seed);
  record.set_steps(clip.steps);
  record.set_solver(static_cast<int>(clip.solver));
  record.set_shift(clip.shift);
  record.set_video_guidance_scale(clip.video_guidance_scale);
  record.set_audio_guidance_scale(clip.audio_guidance_scale);
  record.set_slg_layer(clip.slg_layer);
  record.set_noise_source(static_cast<int>(clip.noise_source));
  record.set_output_format(static_cast<int>(clip.output_format));
  record.set_preview_interval_steps(clip.preview_interval_steps);
  record.set_predicted_peak_bytes(clip.predicted_peak_bytes);
  record.mutable_warnings()->Assign(clip.warnings.begin(), clip.warnings.end());
  return record;
}

ClipSpec FromRecord(const store::v1::ClipSpecRecord& record) {
  ClipSpec clip;
  clip.checkpoint = record.checkpoint();
  clip.prompt = record.prompt();
  clip.effective_prompt = record.effective_prompt();
  clip.video_negative_prompt = record.video_negative_prompt();
  clip.audio_negative_prompt = record.audio_negative_prompt();
  clip.image_fit = static_cast<ImageFit>(record.image_fit());
  clip.height = record.height();
  clip.width = record.width();
  clip.frames = record.frames();
  clip.seed = record.seed();
  clip.steps = record.steps();
  clip.solver = static_cast<Solver>(record.solver());
  clip.shift = record.shift();
  clip.video_guidance_scale = record.video_guidance_scale();
  clip.audio_guidance_scale = record.audio_guidance_scale();
  clip.slg_layer = record.slg_layer();
  clip.noise_source = static_cast<NoiseSource>(record.noise_source());
  clip.output_format = static_cast<OutputFormat>(record.output_format());
  clip.preview_interval_steps = record.preview_interval_steps();
  clip.predicted_peak_bytes = record.predicted_peak_bytes();
  clip.warnings.assign(record.warnings().begin(), record.warnings().end());
  return clip;
}

}  // namespace ovi
