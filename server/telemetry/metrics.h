// What the server counts about its jobs, in Prometheus's terms. Every label set exists from the start, so that a scrape
// before the first job shows what there will be; counting takes no lock that a scrape holds for long.
//
//   ovi_build_info{version,bundle,device,dtype,attention_backend,convolution_backend}   1
//   ovi_jobs_submitted_total
//   ovi_jobs_finished_total{state="succeeded|failed|cancelled|expired"}
//   ovi_job_queue_seconds, ovi_job_duration_seconds     histograms; of jobs that ran
//   ovi_denoise_step_seconds                            histogram
//   ovi_memory_{allocated,reserved,peak,system}_bytes{point="loaded|..."}   of the last job that passed the point
//   ovi_memory_predicted_peak_bytes, ovi_memory_measured_peak_bytes         of the last job that succeeded
#pragma once

#include <memory>
#include <string_view>

#include "engine/engine.h"
#include "server/jobs/job_telemetry.h"

namespace prometheus {
class Collectable;
class Registry;
}  // namespace prometheus

namespace ovi {

class Metrics final : public JobTelemetry {
 public:
  Metrics(const EngineInfo& engine, std::string_view version);
  ~Metrics() override;

  void OnSubmitted() override;
  void OnStep(absl::Duration took) override;
  void OnMemory(const MemorySample& sample) override;
  void OnEnded(const Job& job) override;

  // For a MetricsEndpoint.
  std::shared_ptr<prometheus::Collectable> source() const;

 private:
  struct Series;
  const std::shared_ptr<prometheus::Registry> registry_;
  const std::unique_ptr<Series> series_;
};

}  // namespace ovi
