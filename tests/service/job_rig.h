// Queue, worker and a fake engine wired as the server wires them, over a store in memory and a temporary folder.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "server/artifacts/directory_store.h"
#include "server/jobs/job_queue.h"
#include "server/jobs/memory_job_store.h"
#include "server/jobs/worker.h"
#include "tests/service/fake_engine.h"

namespace ovi {

class JobRig {
 public:
  explicit JobRig(int64_t max_queued = 100) : JobRig(std::make_shared<MemoryJobStore>(), max_queued) {}
  // Over a store that others may have used before.
  explicit JobRig(std::shared_ptr<JobStore> jobs, int64_t max_queued = 100)
      : shared_store(std::move(jobs)), queue(parts, {.limits = {.jobs = max_queued}, .default_ttl = std::nullopt}) {}
  ~JobRig() {
    engine.ReleaseSteps();
    queue.Close();
    worker.reset();
    std::filesystem::remove_all(folder);
  }

  void StartWorker() {
    worker = std::make_unique<Worker>(
        engine, parts, queue,
        [this](const absl::Status& status) {
          device_lost = status;
          queue.Close();
        },
        heartbeat);
  }

  JobSpec Spec(int steps = 3) const {
    ClipRequest request;
    request.prompt = "a ball";
    request.steps = steps;
    JobSpec spec;
    spec.clip = std::make_shared<ClipSpec>(*engine.Resolve(request));
    return spec;
  }
  JobId Submit(const JobSpec& spec) { return queue.Submit(spec, "")->job.id; }
  JobId Submit() { return Submit(Spec()); }

  // Waits for the job's outcome and returns all of its events that are still kept.
  std::vector<JobEvent> AwaitEvents(const JobId& id) {
    struct News {
      Mutex mutex;
      CondVar changed;
      bool any ABSL_GUARDED_BY(mutex) = false;
    };
    const auto news = std::make_shared<News>();  // the waker may still call when this returns
    const auto watch = events.Watch(id, 0, [news] {
      MutexLock lock(news->mutex);
      news->any = true;
      news->changed.NotifyAll();
    });
    std::vector<JobEvent> seen;
    while (seen.empty() || !std::holds_alternative<JobOutcome>(seen.back().news)) {
      {
        MutexLock lock(news->mutex);
        news->changed.Wait(lock, [&] { return news->any; });
        news->any = false;
      }
      while (const auto event = watch->Next()) seen.push_back(*event);
    }
    return seen;
  }

  Job AwaitEnd(const JobId& id) { return std::get<JobOutcome>(AwaitEvents(id).back().news).job; }

  size_t FilesBelowFolder() const {
    size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) files += entry.is_regular_file();
    return files;
  }

  const std::string folder = testing::TempDir() + "ovi-rig-" + JobId::Random().value();
  FakeClock clock;
  FakeEngine engine;
  const std::shared_ptr<JobStore> shared_store;
  JobStore& store = *shared_store;
  std::unique_ptr<ArtifactStore> artifacts = *OpenDirectoryStore(folder);
  JobEvents events{clock};
  StepTimes times;
  RunningJob running;
  JobTelemetry nobody_counts;
  const JobParts parts{clock, store, *artifacts, events, times, running, nobody_counts};
  HeartbeatOptions heartbeat;  // before the worker starts
  absl::Status device_lost;    // read it after the end of the job that lost it
  JobQueue queue;
  std::unique_ptr<Worker> worker;
};

}  // namespace ovi
