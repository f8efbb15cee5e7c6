#include "server/telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/ascii.h"

namespace ovi {
namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

// From a small clip on a large device to a large one on a small device: seconds to hours.
const Histogram::BucketBoundaries kJobBuckets = {1,   5,   10,  20,  40,   60,   90,   120,
                                                 180, 300, 600, 900, 1800, 3600, 7200, 14400};
const Histogram::BucketBoundaries kStepBuckets = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300};

constexpr JobState kEndStates[] = {JobState::kSucceeded, JobState::kFailed, JobState::kCancelled, JobState::kExpired};
constexpr MemoryPoint kPoints[] = {MemoryPoint::kLoaded,       MemoryPoint::kTextEncoded, MemoryPoint::kDiffusionPeak,
                                   MemoryPoint::kAfterCleanup, MemoryPoint::kDecodePeak,  MemoryPoint::kDone};

using Gauges = std::map<MemoryPoint, Gauge*>;

Gauges PointGauges(prometheus::Registry& registry, const std::string& name, const std::string& help) {
  auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  Gauges gauges;
  for (const MemoryPoint point : kPoints) {
    gauges[point] = &family.Add({{"point", std::string(MemoryPointName(point))}});
  }
  return gauges;
}

Gauge& OneGauge(prometheus::Registry& registry, const std::string& name, const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

Histogram& OneHistogram(prometheus::Registry& registry, const std::string& name, const std::string& help,
                        const Histogram::BucketBoundaries& buckets) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, buckets);
}

}  // namespace

struct Metrics::Series {
  explicit Series(prometheus::Registry& registry)
      : submitted(prometheus::BuildCounter()
                      .Name("ovi_jobs_submitted_total")
                      .Help("Jobs stored since the server started")
                      .Register(registry)
                      .Add({})),
        queue(OneHistogram(registry, "ovi_job_queue_seconds", "From submission to start, of jobs that started",
                           kJobBuckets)),
        duration(
            OneHistogram(registry, "ovi_job_duration_seconds", "From start to end, of jobs that started", kJobBuckets)),
        step(OneHistogram(registry, "ovi_denoise_step_seconds", "One denoising step", kStepBuckets)),
        allocated(PointGauges(registry, "ovi_memory_allocated_bytes", "Allocated at a point of the last job")),
        reserved(
            PointGauges(registry, "ovi_memory_reserved_bytes", "Held by the allocator at a point of the last job")),
        peak(PointGauges(registry, "ovi_memory_peak_bytes",
                         "Most allocated between a point of the last job and the one "
                         "before")),
        system(PointGauges(registry, "ovi_memory_system_bytes",
                           "In use at a point of the last job as the operating "
                           "system tells; 0 where it does not")),
        predicted_peak(OneGauge(registry, "ovi_memory_predicted_peak_bytes",
                                "What the last job that succeeded was expected to need at most")),
        measured_peak(OneGauge(registry, "ovi_memory_measured_peak_bytes", "What it needed")) {
    auto& family = prometheus::BuildCounter()
                       .Name("ovi_jobs_finished_total")
                       .Help("Jobs that ended, by how they ended")
                       .Register(registry);
    for (const JobState state : kEndStates) {
      finished[state] = &family.Add({{"state", absl::AsciiStrToLower(std::string(JobStateName(state)))}});
    }
  }

  Counter& submitted;
  std::map<JobState, Counter*> finished;
  Histogram &queue, &duration, &step;
  Gauges allocated, reserved, peak, system;
  Gauge &predicted_peak, &measured_peak;
};

Metrics::Metrics(const EngineInfo& engine, std::string_view version)
    : registry_(std::make_shared<prometheus::Registry>()), series_(std::make_unique<Series>(*registry_)) {
  prometheus::BuildGauge()
      .Name("ovi_build_info")
      .Help("What runs here; the value is always 1")
      .Register(*registry_)
      .Add({{"version", std::string(version)},
            {"bundle", engine.bundle_name},
            {"device", engine.device},
            {"dtype", engine.dtype},
            {"attention_backend", engine.attention_backend},
            {"convolution_backend", engine.convolution_backend}})
      .Set(1);
}

Metrics::~Metrics() = default;

std::shared_ptr<prometheus::Collectable> Metrics::source() const { return registry_; }

void Metrics::OnSubmitted() { series_->submitted.Increment(); }

void Metrics::OnStep(absl::Duration took) { series_->step.Observe(absl::ToDoubleSeconds(took)); }

void Metrics::OnMemory(const MemorySample& sample) {
  series_->allocated.at(sample.point)->Set(static_cast<double>(sample.allocated_bytes));
  series_->reserved.at(sample.point)->Set(static_cast<double>(sample.reserved_bytes));
  series_->peak.at(sample.point)->Set(static_cast<double>(sample.peak_bytes));
  series_->system.at(sample.point)->Set(static_cast<double>(sample.system_bytes));
}

void Metrics::OnEnded(const Job& job) {
  series_->finished.at(job.state)->Increment();
  if (!job.start_time.has_value() || !job.end_time.has_value()) return;
  series_->queue.Observe(absl::ToDoubleSeconds(*job.start_time - job.create_time));
  series_->duration.Observe(absl::ToDoubleSeconds(*job.end_time - *job.start_time));
  if (job.state != JobState::kSucceeded || job.memory.empty()) return;
  int64_t peak = 0;
  for (const MemoryReading& reading : job.memory) {
    // What came before the first point was another job's.
    if (reading.sample.point != MemoryPoint::kLoaded) peak = std::max(peak, reading.sample.peak_bytes);
  }
  series_->predicted_peak.Set(static_cast<double>(job.spec.clip->predicted_peak_bytes));
  series_->measured_peak.Set(static_cast<double>(peak));
}

}  // namespace ovi
