#include "engine/pipeline/memory_report.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "engine/guard.h"

namespace ovi {
namespace {

constexpr double kAgreed = 0.05;  // between prediction and measurement

double Gb(int64_t bytes) { return static_cast<double>(bytes) / 1e9; }

// What others than our allocator say, as they say it.
std::string SystemView(const MemorySample& sample) {
  std::string view;
  if (sample.system_vram_bytes > 0 || sample.system_gtt_bytes > 0) {
    view = absl::StrFormat("vram %.3f gtt %.3f", Gb(sample.system_vram_bytes), Gb(sample.system_gtt_bytes));
  } else if (sample.system_bytes > 0) {
    view = absl::StrFormat("rss %.3f", Gb(sample.system_bytes));
  }
  if (sample.device_total_bytes == 0) return view;
  return absl::StrFormat("%s%sdevice free %.3f of %.3f", view, view.empty() ? "" : ", ", Gb(sample.device_free_bytes),
                         Gb(sample.device_total_bytes));
}

}  // namespace

std::string MemoryRow(const MemorySample& sample) {
  return absl::StrFormat("[OVI] memory %-14s %10.3f %10.3f %10.3f  %s", MemoryPointName(sample.point),
                         Gb(sample.allocated_bytes), Gb(sample.reserved_bytes), Gb(sample.peak_bytes),
                         SystemView(sample));
}

absl::Status MemoryReport::Pass(MemoryPoint point) {
  return Guard("memory", [&] {
    points_.push_back(ledger_.Point(point));
    observer_.OnMemory(points_.back());
    return absl::OkStatus();
  });
}

absl::Status MemoryReport::CleanUp(bool release, std::string_view where) {
  return Guard("cleanup", [&] {
    const MemorySample before = ledger_.Now();
    if (release) ledger_.ReleaseCaches();
    const MemorySample after = ledger_.Now();
    log::Info("[OVI] Memory before cleanup: %.3f GB allocated, %.3f GB reserved", Gb(before.allocated_bytes),
              Gb(before.reserved_bytes));
    log::Info("[OVI] Memory after cleanup: %.3f GB allocated, %.3f GB reserved%s", Gb(after.allocated_bytes),
              Gb(after.reserved_bytes), release ? "" : " (--memory_cleanup=false keeps it)");
    log::Info("[OVI] Memory cleanup complete - ready for VAE decode on %s", where);
    return absl::OkStatus();
  });
}

void MemoryReport::LogTable() const {
  log::Info("[OVI] memory in GB       allocated   reserved       peak  system");
  for (const MemorySample& sample : points_) log::Info("%s", MemoryRow(sample));
}

void MemoryReport::LogPrediction(int64_t predicted_peak_bytes, bool must_agree) const {
  if (predicted_peak_bytes == 0 || points_.empty()) return;
  const double ratio = static_cast<double>(peak_bytes()) / static_cast<double>(predicted_peak_bytes);
  const std::string line = absl::StrFormat("[OVI] memory peak %.3f GB, predicted %.3f GB, ratio %.3f", Gb(peak_bytes()),
                                           Gb(predicted_peak_bytes), ratio);
  if (must_agree && std::abs(ratio - 1) > kAgreed) {
    log::Warning("%s: correct engine/pipeline/memory_coefficients.h", line);
  } else {
    log::Info("%s", line);
  }
}

int64_t MemoryReport::peak_bytes() const {
  int64_t peak = points_.empty() ? 0 : points_.front().allocated_bytes;
  for (size_t i = 1; i < points_.size(); ++i) peak = std::max(peak, points_[i].peak_bytes);
  return peak;
}

}  // namespace ovi
