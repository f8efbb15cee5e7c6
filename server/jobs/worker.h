// The one thread that drives the engine: takes a job, makes its clip, stores the result, announces the end, again.
//
// After a fault of the device it asks whether the device still works. If not, that job fails and no other is taken:
// those that wait would fail one after another.
#pragma once

#include <functional>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "engine/engine.h"
#include "server/jobs/heartbeat.h"
#include "server/jobs/job_observer.h"
#include "server/jobs/job_queue.h"

namespace ovi {

class Worker {
 public:
  // Starts at once. Everything outlives the worker. `on_device_lost` is called on its thread, at most once, before the
  // end of the job that found out is announced; it must not wait for the worker.
  Worker(Engine& engine, const JobParts& parts, JobQueue& queue,
         std::function<void(const absl::Status&)> on_device_lost, const HeartbeatOptions& heartbeat = {});
  // Ends when the queue is closed and the running job, if any, has ended.
  ~Worker();

  // False if the worker has not ended within `timeout`; it ends only after JobQueue::Close, or without a device.
  bool WaitUntilEnded(absl::Duration timeout);

 private:
  void Run();
  // False if the device is lost.
  bool Make(const Job& job);
  bool DeviceWorksAfter(const absl::Status& failure);
  // True if the job failed only because the server stops, and waits in the store for the next one.
  bool PutBack(const Job& job, const absl::Status& failure);
  // Forgets a job that is another server's by now, with what was made of it.
  void Lose(const Job& job, const absl::StatusOr<JobArtifact>& artifact);
  // Makes the clip and the artifact, and keeps the claim meanwhile.
  absl::StatusOr<JobArtifact> Generate(const Job& job, JobObserver& observer);

  Engine& engine_;
  const JobParts parts_;
  JobQueue& queue_;
  const std::function<void(const absl::Status&)> on_device_lost_;
  const HeartbeatOptions heartbeat_;
  Mutex mutex_;
  CondVar changed_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ovi
