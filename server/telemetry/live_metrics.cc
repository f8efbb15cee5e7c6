#include "server/telemetry/live_metrics.h"

#include <prometheus/metric_family.h>

#include <string>
#include <utility>

namespace ovi {
namespace {

prometheus::MetricFamily Gauge(std::string name, std::string help) {
  return {std::move(name), std::move(help), prometheus::MetricType::Gauge, {}};
}

void Add(prometheus::MetricFamily& family, double value, std::vector<prometheus::ClientMetric::Label> labels = {}) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  family.metric.push_back(std::move(metric));
}

prometheus::MetricFamily DeviceMemory(const MemorySample& memory) {
  prometheus::MetricFamily family = Gauge("ovi_device_memory_bytes", "The device's memory now, by who counts what");
  for (const auto& [kind, bytes] :
       {std::pair("allocated", memory.allocated_bytes), std::pair("reserved", memory.reserved_bytes),
        std::pair("peak", memory.peak_bytes), std::pair("system", memory.system_bytes),
        std::pair("vram", memory.system_vram_bytes), std::pair("gtt", memory.system_gtt_bytes),
        std::pair("total", memory.device_total_bytes), std::pair("free", memory.device_free_bytes)}) {
    if (bytes > 0) Add(family, static_cast<double>(bytes), {{"kind", kind}});
  }
  return family;
}

}  // namespace

std::vector<prometheus::MetricFamily> LiveMetrics::Collect() const {
  prometheus::MetricFamily jobs = Gauge("ovi_jobs", "Jobs that have not ended, by state");
  Add(jobs, queue_.queued(), {{"state", "queued"}});
  Add(jobs, queue_.running(), {{"state", "running"}});
  prometheus::MetricFamily healthy = Gauge("ovi_device_healthy", "Whether the device does its work");
  Add(healthy, device_is_healthy_() ? 1 : 0);
  const MemorySample memory = engine_.Memory();
  std::vector<prometheus::MetricFamily> families = {std::move(jobs), std::move(healthy), DeviceMemory(memory)};
  if (memory.budget_bytes > 0) {
    families.push_back(Gauge("ovi_memory_budget_bytes", "What clips are held to (--memory_budget_gb)"));
    Add(families.back(), static_cast<double>(memory.budget_bytes));
  }
  return families;
}

}  // namespace ovi
