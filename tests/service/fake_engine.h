// An engine without models: it checks requests as the real one does, reports as the real one does, and writes a small
// file. Its steps can be held, so that a test decides when a job moves on.
#pragma once

#include <string>
#include <vector>

#include "base/mutex.h"
#include "engine/engine.h"

namespace ovi {

class FakeEngine final : public Engine {
 public:
  FakeEngine();

  // From now on every step waits until it is let through.
  void HoldSteps();
  // Lets `steps` more steps through.
  void LetThrough(int steps);
  // No step waits any more.
  void ReleaseSteps();
  // Returns when a clip waits at a held step.
  void AwaitHeldStep();

  // Every step takes so long, so that there is a time in which a clip is made.
  void SlowSteps(absl::Duration step);

  // Clips report their first step again and again until they are told to stop.
  void RepeatFirstStep();

  // The next clip ends with this error after its first step.
  void FailNextWith(absl::Status error);
  // Clips that are told to stop end with this error instead of Cancelled.
  void FailWhenStopped(absl::Status error);
  // From now on CheckDevice answers this.
  void BreakDevice(absl::Status status);
  // Requests are held to it. A clip is predicted to need kPeakPerPixel for each pixel of a frame.
  void SetMemoryBudget(int64_t bytes) { info_.memory_budget_bytes = bytes; }  // before any request
  static constexpr int64_t kPeakPerPixel = 1'000'000;
  // Size of the files written; their bytes follow from the seed.
  void SetOutputBytes(size_t bytes);
  static std::string OutputFor(uint64_t seed, size_t bytes);

  // How many times Generate was entered.
  int generate_calls() const;

  absl::StatusOr<ClipSpec> Resolve(const ClipRequest& request) const override;
  absl::StatusOr<ClipResult> Generate(const ClipSpec& spec, const std::string& output_path,
                                      GenerateObserver& observer) override;
  absl::Status CheckDevice() override;
  MemorySample Memory() const override;
  const std::vector<CheckpointInfo>& Checkpoints() const override { return checkpoints_; }
  const EngineInfo& Info() const override { return info_; }

 private:
  void PassGate();
  bool FinishStep();  // whether the step is to be made again
  absl::Status TakeError();
  absl::Status StopError() const;

  std::vector<CheckpointInfo> checkpoints_;
  EngineInfo info_;
  mutable Mutex mutex_;
  CondVar changed_;
  bool hold_ ABSL_GUARDED_BY(mutex_) = false;
  int allowed_ ABSL_GUARDED_BY(mutex_) = 0;
  bool at_gate_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration step_ ABSL_GUARDED_BY(mutex_);
  bool repeat_ ABSL_GUARDED_BY(mutex_) = false;
  int generate_calls_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status next_error_ ABSL_GUARDED_BY(mutex_);
  absl::Status stop_error_ ABSL_GUARDED_BY(mutex_) = absl::CancelledError("stopped before a step");
  absl::Status device_ ABSL_GUARDED_BY(mutex_);
  size_t output_bytes_ ABSL_GUARDED_BY(mutex_) = 1000;
};

}  // namespace ovi
