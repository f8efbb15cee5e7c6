// Passes on what the engine reports about a job, and tells it when to stop. Used on the worker's thread alone.
#pragma once

#include "absl/time/time.h"
#include "base/clock.h"
#include "engine/observer.h"
#include "server/jobs/job_queue.h"

namespace ovi {

class JobObserver final : public GenerateObserver {
 public:
  JobObserver(const Job& job, const JobParts& parts, JobQueue& queue) : job_(job), parts_(parts), queue_(queue) {}

  void OnStage(Stage stage) override;
  void OnStep(const StepProgress& progress) override;
  void OnDecode(const DecodeProgress& progress) override;
  void OnMemory(const MemorySample& sample) override;
  void OnPreview(const Preview& preview) override;
  bool ShouldStop() override;

  // Mean of the steps so far; zero before the first.
  absl::Duration step_time() const;

 private:
  const Job& job_;
  const JobParts& parts_;
  JobQueue& queue_;
  absl::Duration steps_time_;
  int steps_ = 0;
};

}  // namespace ovi
