#include "server/service/to_proto.h"

#include <string>

#include "server/service/enums.h"
#include "server/service/names.h"
#include "server/service/to_grpc.h"

namespace ovi {

google::protobuf::Timestamp ToProto(absl::Time time) {
  const google::protobuf::Duration since_epoch = ToProto(time - absl::UnixEpoch());
  google::protobuf::Timestamp out;
  out.set_seconds(since_epoch.seconds());
  out.set_nanos(since_epoch.nanos());
  return out;
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration out;
  out.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return out;
}

v1::MemorySample CurrentMemory(const MemorySample& sample, absl::Time time) {
  v1::MemorySample out;
  *out.mutable_sample_time() = ToProto(time);
  out.set_allocated_bytes(sample.allocated_bytes);
  out.set_reserved_bytes(sample.reserved_bytes);
  out.set_peak_bytes(sample.peak_bytes);
  out.set_system_bytes(sample.system_bytes);
  if (sample.budget_bytes > 0) out.set_budget_bytes(sample.budget_bytes);
  if (sample.system_vram_bytes > 0) out.set_system_vram_bytes(sample.system_vram_bytes);
  if (sample.system_gtt_bytes > 0) out.set_system_gtt_bytes(sample.system_gtt_bytes);
  if (sample.device_total_bytes > 0) {
    out.set_device_total_bytes(sample.device_total_bytes);
    out.set_device_free_bytes(sample.device_free_bytes);
  }
  return out;
}

v1::MemorySample ToProto(const MemoryReading& reading) {
  v1::MemorySample out = CurrentMemory(reading.sample, reading.time);
  out.set_point(ToProto(reading.sample.point));
  return out;
}

v1::ClipRequest ToProto(const ClipSpec& clip) {
  v1::ClipRequest out;
  out.set_checkpoint(CheckpointName(clip.checkpoint));
  out.set_prompt(clip.prompt);
  out.set_effective_prompt(clip.effective_prompt);
  out.set_video_negative_prompt(clip.video_negative_prompt);
  out.set_audio_negative_prompt(clip.audio_negative_prompt);
  out.set_height(clip.height);
  out.set_width(clip.width);
  out.set_frames(clip.frames);
  out.set_seed(clip.seed);
  out.set_steps(clip.steps);
  out.set_solver(ToProto(clip.solver));
  out.set_shift(clip.shift);
  out.set_video_guidance_scale(clip.video_guidance_scale);
  out.set_audio_guidance_scale(clip.audio_guidance_scale);
  out.set_slg_layer(clip.slg_layer);
  out.set_noise_source(ToProto(clip.noise_source));
  out.set_output_format(ToProto(clip.output_format));
  out.set_preview_interval_steps(clip.preview_interval_steps);
  for (const std::string& warning : clip.warnings) out.add_warnings(warning);
  return out;
}

v1::Artifact ToProto(const JobId& id, const JobArtifact& artifact) {
  v1::Artifact out;
  out.set_name(ArtifactName(id));
  out.set_media_type(artifact.clip.media_type);
  out.set_size_bytes(artifact.file.size_bytes);
  out.set_sha256(artifact.file.sha256);
  out.set_uri(artifact.file.uri);
  out.set_frames(artifact.clip.frames);
  out.set_height(artifact.clip.height);
  out.set_width(artifact.clip.width);
  out.set_frames_per_second(artifact.clip.frames_per_second);
  out.set_audio_samples(artifact.clip.audio_samples);
  out.set_sample_rate_hz(artifact.clip.sample_rate_hz);
  return out;
}

v1::Checkpoint ToProto(const CheckpointInfo& info, bool is_default) {
  v1::Checkpoint out;
  out.set_name(CheckpointName(info.name));
  out.set_is_default(is_default);
  if (info.frames_per_second > 0) {
    *out.mutable_clip_duration() = ToProto(absl::Seconds(info.frames / info.frames_per_second));
  }
  out.set_frames(info.frames);
  out.set_frames_per_second(info.frames_per_second);
  out.set_audio_samples(info.audio_samples);
  out.set_sample_rate_hz(info.sample_rate_hz);
  out.set_video_area(info.video_area);
  out.set_size_multiple(info.size_multiple);
  out.set_num_layers(info.num_layers);
  for (const Solver each : {Solver::kUniPc, Solver::kDpmPlusPlus, Solver::kEuler}) out.add_solvers(ToProto(each));
  for (const OutputFormat each :
       {OutputFormat::kMp4, OutputFormat::kMkvLossless, OutputFormat::kWav, OutputFormat::kPngZip}) {
    out.add_output_formats(ToProto(each));
  }
  v1::ClipRequest& defaults = *out.mutable_defaults();
  defaults.set_checkpoint(out.name());
  defaults.set_height(info.default_height);
  defaults.set_width(info.default_width);
  defaults.set_steps(info.default_steps);
  defaults.set_solver(ToProto(info.default_solver));
  defaults.set_shift(info.default_shift);
  defaults.set_video_guidance_scale(info.default_video_guidance_scale);
  defaults.set_audio_guidance_scale(info.default_audio_guidance_scale);
  defaults.set_slg_layer(info.default_slg_layer);
  defaults.set_video_negative_prompt(info.default_video_negative_prompt);
  defaults.set_audio_negative_prompt(info.default_audio_negative_prompt);
  defaults.set_noise_source(ToProto(ClipRequest().noise_source));
  defaults.set_output_format(ToProto(ClipRequest().output_format));
  defaults.set_preview_interval_steps(0);
  defaults.set_frames(info.frames);
  v1::CheckpointLimits& limits = *out.mutable_limits();
  limits.set_max_steps(info.max_steps);
  limits.set_max_side(info.max_side);
  limits.set_max_prompt_bytes(info.max_prompt_bytes);
  limits.set_max_image_bytes(info.max_image_bytes);
  limits.set_max_image_pixels(info.max_image_pixels);
  return out;
}

void AddToProto(const Principal& caller, v1::Caller& who, v1::ServerLimits& limits) {
  who.set_principal(caller.name);
  for (const Scope scope : {Scope::kSubmit, Scope::kRead, Scope::kReadAll, Scope::kAdmin}) {
    if (caller.scopes.Has(scope)) who.add_scopes(std::string(ScopeName(scope)));
  }
  const PrincipalLimits& own = caller.limits;
  if (own.max_queued.has_value()) limits.set_max_queued_jobs_per_principal(*own.max_queued);
  if (!own.submit_rate_per_minute.has_value()) return;
  limits.set_submit_rate_per_minute(*own.submit_rate_per_minute);
  limits.set_submit_burst(own.submit_burst.value_or(1));
}

v1::EngineInfo ToProto(const EngineInfo& info) {
  v1::EngineInfo out;
  out.set_bundle(info.bundle_name);
  out.set_device(info.device);
  out.set_dtype(info.dtype);
  out.set_libtorch_version(info.libtorch_version);
  out.set_video_encoder(info.video_encoder);
  if (!info.attention_backend.empty()) out.set_attention_backend(info.attention_backend);
  if (!info.convolution_backend.empty()) out.set_convolution_backend(info.convolution_backend);
  return out;
}

}  // namespace ovi
