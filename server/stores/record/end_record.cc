#include "server/stores/record/end_record.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/time/time.h"

namespace ovi {
namespace {

using namespace store::v1;  // every message below, and nothing else

StatusRecord ToRecord(const absl::Status& status) {
  StatusRecord record;
  record.set_code(static_cast<int>(status.code()));
  record.set_message(std::string(status.message()));
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    (*record.mutable_payloads())[std::string(type)] = std::string(payload);
  });
  return record;
}

absl::Status FromRecord(const StatusRecord& record) {
  absl::Status status(static_cast<absl::StatusCode>(record.code()), record.message());
  for (const auto& [type, payload] : record.payloads()) status.SetPayload(type, absl::Cord(payload));
  return status;
}

void ToRecord(const Estimate& estimate, EstimateRecord& record) {
  record.set_remaining_ns(absl::ToInt64Nanoseconds(estimate.remaining));
  record.set_first_guess(estimate.first_guess);
}

Estimate FromRecord(const EstimateRecord& record) {
  return {absl::Nanoseconds(record.remaining_ns()), record.first_guess()};
}

MemoryRecord ToRecord(const MemoryReading& reading) {
  MemoryRecord record;
  record.set_time_ns(absl::ToUnixNanos(reading.time));
  record.set_point(static_cast<int>(reading.sample.point));
  record.set_allocated_bytes(reading.sample.allocated_bytes);
  record.set_reserved_bytes(reading.sample.reserved_bytes);
  record.set_peak_bytes(reading.sample.peak_bytes);
  record.set_system_bytes(reading.sample.system_bytes);
  record.set_system_vram_bytes(reading.sample.system_vram_bytes);
  record.set_system_gtt_bytes(reading.sample.system_gtt_bytes);
  record.set_device_total_bytes(reading.sample.device_total_bytes);
  record.set_device_free_bytes(reading.sample.device_free_bytes);
  record.set_budget_bytes(reading.sample.budget_bytes);
  return record;
}

MemoryReading FromRecord(const MemoryRecord& record) {
  return {absl::FromUnixNanos(record.time_ns()),
          {.point = static_cast<MemoryPoint>(record.point()),
           .allocated_bytes = record.allocated_bytes(),
           .reserved_bytes = record.reserved_bytes(),
           .peak_bytes = record.peak_bytes(),
           .system_bytes = record.system_bytes(),
           .system_vram_bytes = record.system_vram_bytes(),
           .system_gtt_bytes = record.system_gtt_bytes(),
           .device_total_bytes = record.device_total_bytes(),
           .device_free_bytes = record.device_free_bytes(),
           .budget_bytes = record.budget_bytes()}};
}

ArtifactRecord ToRecord(const JobArtifact& artifact) {
  ArtifactRecord record;
  record.set_key(artifact.file.key);
  record.set_size_bytes(artifact.file.size_bytes);
  record.set_sha256(artifact.file.sha256);
  record.set_uri(artifact.file.uri);
  record.set_frames(artifact.clip.frames);
  record.set_height(artifact.clip.height);
  record.set_width(artifact.clip.width);
  record.set_audio_samples(artifact.clip.audio_samples);
  record.set_frames_per_second(artifact.clip.frames_per_second);
  record.set_sample_rate_hz(artifact.clip.sample_rate_hz);
  record.set_media_type(artifact.clip.media_type);
  record.set_text_ns(absl::ToInt64Nanoseconds(artifact.clip.text_time));
  record.set_diffusion_ns(absl::ToInt64Nanoseconds(artifact.clip.diffusion_time));
  record.set_audio_decode_ns(absl::ToInt64Nanoseconds(artifact.clip.audio_decode_time));
  record.set_video_decode_ns(absl::ToInt64Nanoseconds(artifact.clip.video_decode_time));
  record.set_total_ns(absl::ToInt64Nanoseconds(artifact.clip.total_time));
  return record;
}

JobArtifact FromRecord(const ArtifactRecord& record) {
  return {{record.key(), record.size_bytes(), record.sha256(), record.uri()},
          {.frames = record.frames(),
           .height = record.height(),
           .width = record.width(),
           .audio_samples = record.audio_samples(),
           .frames_per_second = record.frames_per_second(),
           .sample_rate_hz = record.sample_rate_hz(),
           .media_type = record.media_type(),
           .text_time = absl::Nanoseconds(record.text_ns()),
           .diffusion_time = absl::Nanoseconds(record.diffusion_ns()),
           .audio_decode_time = absl::Nanoseconds(record.audio_decode_ns()),
           .video_decode_time = absl::Nanoseconds(record.video_decode_ns()),
           .total_time = absl::Nanoseconds(record.total_ns())}};
}

}  // namespace

store::v1::ProgressRecord ToRecord(const JobProgress& progress) {
  store::v1::ProgressRecord record;
  record.set_stage(static_cast<int>(progress.stage));
  if (progress.step.has_value()) {
    store::v1::ProgressRecord::Step& step = *record.mutable_step();
    step.set_step(progress.step->progress.step);
    step.set_steps(progress.step->progress.steps);
    step.set_step_seconds(progress.step->progress.step_seconds);
    ToRecord(progress.step->until_end, *step.mutable_until_end());
  }
  if (progress.decode.has_value()) {
    store::v1::ProgressRecord::Decode& decode = *record.mutable_decode();
    decode.set_frames_done(progress.decode->progress.frames_done);
    decode.set_frames(progress.decode->progress.frames);
    ToRecord(progress.decode->until_end, *decode.mutable_until_end());
  }
  return record;
}

JobProgress FromRecord(const store::v1::ProgressRecord& record) {
  JobProgress progress;
  progress.stage = static_cast<Stage>(record.stage());
  if (record.has_step()) {
    progress.step = StepEvent{{record.step().step(), record.step().steps(), record.step().step_seconds()},
                              FromRecord(record.step().until_end())};
  }
  if (record.has_decode()) {
    progress.decode =
        DecodeEvent{{record.decode().frames_done(), record.decode().frames()}, FromRecord(record.decode().until_end())};
  }
  return progress;
}

JobEndRecord ToRecord(const JobEnd& end) {
  JobEndRecord record;
  *record.mutable_error() = ToRecord(end.error);
  if (end.artifact.has_value()) *record.mutable_artifact() = ToRecord(*end.artifact);
  *record.mutable_progress() = ToRecord(end.progress);
  for (const MemoryReading& reading : end.memory) *record.add_memory() = ToRecord(reading);
  return record;
}

void FromRecord(const JobEndRecord& record, Job& job) {
  job.error = FromRecord(record.error());
  if (record.has_artifact()) job.artifact = FromRecord(record.artifact());
  job.progress = FromRecord(record.progress());
  for (const MemoryRecord& reading : record.memory()) job.memory.push_back(FromRecord(reading));
}

}  // namespace ovi
