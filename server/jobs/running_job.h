// The job the worker is on: how far it is, and whether it is to stop. Where the worker's thread and everybody else
// meet. Thread-safe; no call blocks.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "server/jobs/job.h"
#include "server/jobs/progress.h"

namespace ovi {

// kLeaseLost: another server has the job, or it ended there (server/jobs/heartbeat.h).
enum class StopReason { kNone, kCancelled, kDeadline, kShutdown, kLeaseLost };

class RunningJob {
 public:
  // The worker's side. Between Begin and End there is a job.
  void Begin(const Job& job, Estimate whole);
  void SetStage(Stage stage);
  void SetStep(const StepEvent& step);
  void SetDecode(const DecodeEvent& decode);
  void AddMemory(const MemoryReading& reading);
  void SignOfLife();  // the calls above are signs of life too
  StopReason stop_reason() const;
  void End();

  // Everybody's side. The first reason given stands.
  // False, and nothing is done, if another job runs, or none, or it is to stop already.
  bool Stop(const JobId& id, StopReason reason);
  void StopAny(StopReason reason);  // whatever runs, and whatever comes next
  // The claim under which the job is made here; nothing if it is not the one that runs.
  std::optional<int64_t> ClaimOn(const JobId& id) const;
  // Fills in progress and memory if `job` is the one that runs.
  void Describe(Job& job) const;
  // How many signs of life the worker has given: while a job runs, a number that stands still says that it hangs.
  // Nothing if none runs.
  std::optional<int64_t> signs_of_life() const;
  // Until the running job ends; nothing if none runs.
  std::optional<Estimate> UntilEnd() const;

 private:
  mutable Mutex mutex_;
  std::optional<JobId> id_ ABSL_GUARDED_BY(mutex_);
  int64_t claim_ ABSL_GUARDED_BY(mutex_) = 0;
  StopReason stop_reason_ ABSL_GUARDED_BY(mutex_) = StopReason::kNone;
  StopReason stop_all_ ABSL_GUARDED_BY(mutex_) = StopReason::kNone;
  int64_t signs_of_life_ ABSL_GUARDED_BY(mutex_) = 0;
  Estimate until_end_ ABSL_GUARDED_BY(mutex_);
  JobProgress progress_ ABSL_GUARDED_BY(mutex_);
  std::vector<MemoryReading> memory_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ovi
