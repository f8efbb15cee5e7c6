// What is told about a job while it lives: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "engine/observer.h"
#include "server/jobs/job.h"
#include "server/jobs/progress.h"

namespace ovi {

struct JobAccepted {
  Job job;
};
struct JobStarted {
  int attempt = 0;
};
struct CancelRequested {};
// It was put back into the queue, for the reason that this sentence gives.
struct JobRequeued {
  std::string reason;
};
// Always the last event of a job.
struct JobOutcome {
  Job job;
};

using JobNews = std::variant<JobAccepted, QueuePlace, JobStarted, Stage, StepEvent, DecodeEvent, MemoryReading, Preview,
                             CancelRequested, JobRequeued, JobOutcome>;

// Numbers of a job start at 1 and grow.
struct JobEvent {
  int64_t number = 0;
  absl::Time time;
  JobNews news;
};

// Whether a newer event of the same kind says all that this one says: a place in the queue, a step, a decoded frame
// group, a preview.
bool IsProgress(const JobNews& news);

}  // namespace ovi
