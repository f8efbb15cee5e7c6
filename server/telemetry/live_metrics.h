// What is read when somebody asks rather than counted as it happens: the queue and the device.
//
//   ovi_jobs{state="queued|running"}
//   ovi_device_healthy                 1, or 0 once the device does not do its work any more
//   ovi_device_memory_bytes{kind=...}  allocated, reserved, peak (since the last point passed), system; vram, gtt
//                                      (amdgpu); total, free (the device's runtime). Kinds that there are none of are
//                                      absent; what we use is `allocated`, never total less free
//   ovi_memory_budget_bytes            absent without a budget
#pragma once

#include <prometheus/collectable.h>

#include <functional>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "server/jobs/job_queue.h"

namespace ovi {

// Thread-safe; what it reads from outlives it.
class LiveMetrics final : public prometheus::Collectable {
 public:
  LiveMetrics(const Engine& engine, const JobQueue& queue, std::function<bool()> device_is_healthy)
      : engine_(engine), queue_(queue), device_is_healthy_(std::move(device_is_healthy)) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Engine& engine_;
  const JobQueue& queue_;
  const std::function<bool()> device_is_healthy_;
};

}  // namespace ovi
