#include "server/jobs/worker.h"

#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/jobs/artifact_name.h"
#include "server/jobs/job_errors.h"

namespace ovi {
namespace {

// The state and the error of a job whose clip was not made: why, if somebody stopped it, else what the engine says.
std::pair<JobState, absl::Status> WhyNot(absl::Status status, StopReason reason) {
  if (status.code() != absl::StatusCode::kCancelled) {
    if (ReasonOf(status).empty()) status = WithReason(std::move(status), "GENERATE_FAILED");
    return {JobState::kFailed, std::move(status)};
  }
  switch (reason) {
    case StopReason::kCancelled:
      return {JobState::kCancelled, CancelledWhileRunning()};
    case StopReason::kDeadline:
      return {JobState::kExpired,
              WithReason(absl::DeadlineExceededError("finish_timeout passed while it was running; allow "
                                                     "more time, or ask for fewer steps"),
                         "DEADLINE_PASSED")};
    case StopReason::kShutdown:
      return {JobState::kFailed,
              WithReason(absl::UnavailableError("the server stopped while the job was running; submit it again"),
                         "SERVER_STOPPED")};
    case StopReason::kLeaseLost:  // nobody is told: the job is not ours to end
    case StopReason::kNone:
      break;
  }
  return {JobState::kFailed,
          WithReason(absl::InternalError("the engine stopped though nobody asked it to"), "GENERATE_FAILED")};
}

}  // namespace

Worker::Worker(Engine& engine, const JobParts& parts, JobQueue& queue,
               std::function<void(const absl::Status&)> on_device_lost, const HeartbeatOptions& heartbeat)
    : engine_(engine),
      parts_(parts),
      queue_(queue),
      on_device_lost_(std::move(on_device_lost)),
      heartbeat_(heartbeat),
      thread_([this] { Run(); }) {}

Worker::~Worker() { thread_.join(); }

bool Worker::WaitUntilEnded(absl::Duration timeout) {
  MutexLock lock(mutex_);
  return changed_.WaitFor(lock, timeout, [this] { return ended_; });
}

void Worker::Run() {
  for (bool device_works = true; device_works;) {
    const std::optional<Job> job = queue_.Take();
    if (!job.has_value()) break;
    device_works = Make(*job);
  }
  MutexLock lock(mutex_);
  ended_ = true;
  changed_.NotifyAll();
}

bool Worker::Make(const Job& job) {
  const log::JobScope about(job.id.value());
  // Cancelled at another server between its claim here and now.
  if (const auto now = parts_.store.Get(job.id); now.ok() && now->cancel_request_time.has_value()) {
    if (parts_.running.Stop(job.id, StopReason::kCancelled)) parts_.events.Publish(job.id, CancelRequested());
  }
  log::Info("started (attempt %d)", job.attempts);
  const absl::Duration start = parts_.clock.Elapsed();
  JobObserver observer(job, parts_, queue_);
  absl::StatusOr<JobArtifact> artifact = Generate(job, observer);
  const absl::Duration took = parts_.clock.Elapsed() - start;
  const bool device_works = DeviceWorksAfter(artifact.status());
  if (!artifact.ok() && PutBack(job, artifact.status())) return device_works;
  if (parts_.running.stop_reason() == StopReason::kLeaseLost) {
    Lose(job, artifact);
    return device_works;
  }

  Job so_far = job;
  parts_.running.Describe(so_far);
  JobEnd end;
  end.time = parts_.clock.Now();
  end.progress = so_far.progress;
  end.memory = so_far.memory;
  if (artifact.ok()) {
    end.state = JobState::kSucceeded;
    end.artifact = *artifact;
    parts_.times.Record(*job.spec.clip, observer.step_time(), took);
  } else {
    std::tie(end.state, end.error) = WhyNot(artifact.status(), parts_.running.stop_reason());
  }
  const absl::Status finished = queue_.Finish(job, end);
  if (!finished.ok()) {
    log::Error("its end cannot be stored: %s", std::string(finished.message()));
    // A result nobody can know of; but a store that went silent may have taken the end before.
    const bool is_unknown = parts_.store.shared() && finished.code() == absl::StatusCode::kUnavailable;
    if (artifact.ok() && !is_unknown) parts_.artifacts.Delete(artifact->file.key).IgnoreError();
    return device_works;
  }
  log::Info("%s after %s%s%s", std::string(JobStateName(end.state)), absl::FormatDuration(took),
            end.error.ok() ? "" : ": ", std::string(end.error.message()));
  return device_works;
}

void Worker::Lose(const Job& job, const absl::StatusOr<JobArtifact>& artifact) {
  if (artifact.ok()) parts_.artifacts.Delete(artifact->file.key).IgnoreError();
  queue_.Lose(job);
  log::Info("given up here");
}

bool Worker::PutBack(const Job& job, const absl::Status& failure) {
  if (failure.code() != absl::StatusCode::kCancelled || !parts_.store.lasts() ||
      parts_.running.stop_reason() != StopReason::kShutdown) {
    return false;
  }
  const absl::Status status = queue_.PutBack(job);
  if (status.ok()) log::Info("stopped with the server and queued again");
  if (status.ok() || !parts_.store.shared()) return status.ok();
  log::Warning("stopped with the server, and not queued again until its lease runs out: %s",
               std::string(status.message()));
  queue_.Lose(job);
  return true;
}

bool Worker::DeviceWorksAfter(const absl::Status& failure) {
  if (failure.code() != absl::StatusCode::kInternal) return true;
  const absl::Status device = engine_.CheckDevice();
  if (device.ok()) return true;
  on_device_lost_(device);
  return false;
}

absl::StatusOr<JobArtifact> Worker::Generate(const Job& job, JobObserver& observer) {
  if (observer.ShouldStop()) return absl::CancelledError("stopped before the engine began");
  const ClipSpec& clip = *job.spec.clip;
  std::optional<Heartbeat> heartbeat;
  if (parts_.store.shared()) heartbeat.emplace(parts_, job, heartbeat_);
  OVI_ASSIGN_OR_RETURN(const auto pending,
                       parts_.artifacts.Begin(ArtifactKeyOf(job, parts_.store.uid()), MediaTypeOf(clip.output_format)));
  OVI_ASSIGN_OR_RETURN(ClipResult result, engine_.Generate(clip, pending->path(), observer));
  OVI_ASSIGN_OR_RETURN(StoredArtifact file, pending->Commit([&] { return observer.ShouldStop(); }));
  return JobArtifact{std::move(file), std::move(result)};
}

}  // namespace ovi
