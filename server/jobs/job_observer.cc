#include "server/jobs/job_observer.h"

#include <string>

#include "base/log.h"

namespace ovi {

void JobObserver::OnStage(Stage stage) {
  log::Debug("job %s: %s", job_.id.value(), std::string(StageName(stage)));
  parts_.running.SetStage(stage);
  parts_.events.Publish(job_.id, stage);
}

void JobObserver::OnStep(const StepProgress& progress) {
  steps_time_ += absl::Seconds(progress.step_seconds);
  ++steps_;
  const StepEvent event{progress, parts_.times.AfterSteps(*job_.spec.clip, progress.step, step_time())};
  parts_.telemetry.OnStep(absl::Seconds(progress.step_seconds));
  parts_.running.SetStep(event);
  parts_.events.Publish(job_.id, event);
}

void JobObserver::OnDecode(const DecodeProgress& progress) {
  const DecodeEvent event{progress, parts_.times.AfterFrames(*job_.spec.clip, progress.frames_done, progress.frames)};
  parts_.running.SetDecode(event);
  parts_.events.Publish(job_.id, event);
}

void JobObserver::OnMemory(const MemorySample& sample) {
  const MemoryReading reading{parts_.clock.Now(), sample};
  parts_.telemetry.OnMemory(sample);
  parts_.running.AddMemory(reading);
  parts_.events.Publish(job_.id, reading);
}

void JobObserver::OnPreview(const Preview& preview) { parts_.events.Publish(job_.id, preview); }

bool JobObserver::ShouldStop() {
  parts_.running.Move();
  queue_.ExpireOverdue();
  if (parts_.clock.Now() >= job_.FinishDeadline()) parts_.running.Stop(job_.id, StopReason::kDeadline);
  return parts_.running.stop_reason() != StopReason::kNone;
}

absl::Duration JobObserver::step_time() const { return steps_ == 0 ? absl::ZeroDuration() : steps_time_ / steps_; }

}  // namespace ovi
