// Jobs and their events as messages: the part of to_proto.h that is about jobs.
#include <string>
#include <variant>

#include "server/service/enums.h"
#include "server/service/names.h"
#include "server/service/to_grpc.h"
#include "server/service/to_proto.h"

namespace ovi {
namespace {

using ovi::ToProto;  // the overloads below would hide it

v1::Estimate ToProto(const Estimate& estimate) {
  v1::Estimate out;
  *out.mutable_remaining_duration() = ToProto(estimate.remaining);
  out.set_first_guess(estimate.first_guess);
  return out;
}

v1::QueuePlace ToProto(const QueuePlace& place) {
  v1::QueuePlace out;
  out.set_jobs_ahead(place.jobs_ahead);
  *out.mutable_until_start() = ToProto(place.until_start);
  *out.mutable_until_end() = ToProto(place.until_end);
  return out;
}

v1::StepProgress ToProto(const StepEvent& event) {
  v1::StepProgress out;
  out.set_step(event.progress.step);
  out.set_steps(event.progress.steps);
  *out.mutable_step_duration() = ToProto(absl::Seconds(event.progress.step_seconds));
  *out.mutable_until_end() = ToProto(event.until_end);
  return out;
}

v1::DecodeProgress ToProto(const DecodeEvent& event) {
  v1::DecodeProgress out;
  out.set_frames_done(event.progress.frames_done);
  out.set_frames(event.progress.frames);
  *out.mutable_until_end() = ToProto(event.until_end);
  return out;
}

v1::JobTimings Timings(const Job& job, const ClipResult& clip) {
  v1::JobTimings out;
  if (job.start_time.has_value()) *out.mutable_queued_duration() = ToProto(*job.start_time - job.create_time);
  *out.mutable_text_duration() = ToProto(clip.text_time);
  *out.mutable_diffusion_duration() = ToProto(clip.diffusion_time);
  *out.mutable_audio_decode_duration() = ToProto(clip.audio_decode_time);
  *out.mutable_video_decode_duration() = ToProto(clip.video_decode_time);
  *out.mutable_total_duration() = ToProto(clip.total_time);
  return out;
}

void AddRequest(const JobSpec& spec, v1::Job& out) {
  *out.mutable_request() = ToProto(*spec.clip);
  if (spec.first_frame_bytes > 0) {
    v1::FirstFrame& first_frame = *out.mutable_request()->mutable_first_frame();
    first_frame.set_fit(ToProto(spec.clip->image_fit));
    first_frame.set_size_bytes(spec.first_frame_bytes);
    first_frame.set_sha256(spec.first_frame_sha256);
  }
  if (spec.clip->predicted_peak_bytes > 0) out.set_predicted_peak_bytes(spec.clip->predicted_peak_bytes);
  out.mutable_labels()->insert(spec.labels.begin(), spec.labels.end());
  out.set_priority(ToProto(spec.priority));
  if (spec.start_timeout.has_value()) *out.mutable_start_timeout() = ToProto(*spec.start_timeout);
  if (spec.finish_timeout.has_value()) *out.mutable_finish_timeout() = ToProto(*spec.finish_timeout);
  if (spec.ttl.has_value()) *out.mutable_ttl() = ToProto(*spec.ttl);
  out.set_principal(spec.principal);
}

// One overload per kind of news: a kind without one does not compile.
class EventFiller {
 public:
  explicit EventFiller(v1::JobEvent& out) : out_(out) {}
  void operator()(const JobAccepted& news) { *out_.mutable_accepted() = ToProto(news.job); }
  void operator()(const QueuePlace& news) { *out_.mutable_queued() = ToProto(news); }
  void operator()(const JobStarted& news) { out_.mutable_started()->set_attempt(news.attempt); }
  void operator()(Stage news) { out_.set_stage(ToProto(news)); }
  void operator()(const StepEvent& news) { *out_.mutable_step() = ToProto(news); }
  void operator()(const DecodeEvent& news) { *out_.mutable_decode() = ToProto(news); }
  void operator()(const MemoryReading& news) { *out_.mutable_memory() = ToProto(news); }
  void operator()(const Preview& news) {
    out_.mutable_preview()->set_step(news.step);
    out_.mutable_preview()->set_media_type("image/png");
    out_.mutable_preview()->set_image(news.png);
  }
  void operator()(const CancelRequested&) { out_.mutable_cancel_requested(); }
  void operator()(const JobRequeued& news) { out_.mutable_requeued()->set_reason(news.reason); }
  void operator()(const JobOutcome& news) { *out_.mutable_outcome() = ToProto(news.job); }

 private:
  v1::JobEvent& out_;
};

}  // namespace

v1::Job ToProto(const Job& job) {
  v1::Job out;
  AddRequest(job.spec, out);
  if (job.id == JobId()) return out;
  out.set_name(JobName(job.id));
  out.set_uid(job.uid);
  out.set_state(ToProto(job.state));
  *out.mutable_create_time() = ToProto(job.create_time);
  if (job.start_time.has_value()) *out.mutable_start_time() = ToProto(*job.start_time);
  if (job.end_time.has_value()) *out.mutable_end_time() = ToProto(*job.end_time);
  if (job.expire_time.has_value()) *out.mutable_expire_time() = ToProto(*job.expire_time);
  if (job.cancel_request_time.has_value()) *out.mutable_cancel_request_time() = ToProto(*job.cancel_request_time);
  if (job.attempts > 0) {
    v1::Progress& progress = *out.mutable_progress();
    progress.set_stage(ToProto(job.progress.stage));
    if (job.progress.step.has_value()) *progress.mutable_step() = ToProto(*job.progress.step);
    if (job.progress.decode.has_value()) *progress.mutable_decode() = ToProto(*job.progress.decode);
  }
  for (const MemoryReading& reading : job.memory) *out.add_memory() = ToProto(reading);
  out.set_attempts(job.attempts);
  if (job.artifact.has_value()) {
    *out.mutable_timings() = Timings(job, job.artifact->clip);
    *out.mutable_artifact() = ToProto(job.id, *job.artifact);
  }
  if (!job.error.ok()) *out.mutable_error() = ToRpcStatus(job.error);
  return out;
}

v1::Job ToProto(const JobView& view) {
  v1::Job out = ToProto(view.job);
  if (view.place.has_value()) *out.mutable_queue_place() = ToProto(*view.place);
  out.set_last_event_number(view.last_event_number);
  if (view.signed_uri.has_value()) {
    out.mutable_artifact()->set_signed_uri(view.signed_uri->uri);
    *out.mutable_artifact()->mutable_signed_uri_expire_time() = ToProto(view.signed_uri->expire_time);
  }
  return out;
}

v1::JobEvent ToProto(const JobEvent& event) {
  v1::JobEvent out;
  out.set_number(event.number);
  *out.mutable_event_time() = ToProto(event.time);
  std::visit(EventFiller(out), event.news);
  return out;
}

}  // namespace ovi
