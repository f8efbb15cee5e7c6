// The one thread that drives the engine: takes a job, makes its clip, stores the result, announces the end, again.
#pragma once

#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "engine/engine.h"
#include "server/jobs/job_observer.h"
#include "server/jobs/job_queue.h"

namespace ovi {

class Worker {
 public:
  // Starts at once. Everything outlives the worker.
  Worker(Engine& engine, const JobParts& parts, JobQueue& queue);
  // Ends when the queue is closed and the running job, if any, has ended.
  ~Worker();

  // False if the worker has not ended within `timeout`; it ends only after JobQueue::Close.
  bool WaitUntilEnded(absl::Duration timeout);

 private:
  void Run();
  void Make(const Job& job);
  // Makes the clip and the artifact.
  absl::StatusOr<JobArtifact> Generate(const Job& job, JobObserver& observer);

  Engine& engine_;
  const JobParts parts_;
  JobQueue& queue_;
  Mutex mutex_;
  CondVar changed_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ovi
