// What happens to jobs, for whoever counts it. Called where it happens: on the worker's thread, or that of a caller who
// submits or cancels. Thread-safe; must not block.
#pragma once

#include "absl/time/time.h"
#include "engine/observer.h"
#include "server/jobs/job.h"

namespace ovi {

class JobTelemetry {
 public:
  virtual ~JobTelemetry() = default;
  virtual void OnSubmitted() {}
  virtual void OnStep(absl::Duration /*took*/) {}
  virtual void OnMemory(const MemorySample&) {}
  virtual void OnEnded(const Job&) {}  // stored and in a terminal state
};

}  // namespace ovi
