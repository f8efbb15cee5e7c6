#include "bench/device/profile.h"

#include <torch/csrc/autograd/profiler_kineto.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_format.h"
#include "bench/device/timing.h"

namespace ovi::bench {
namespace {

namespace profiler = torch::autograd::profiler;
using torch::profiler::impl::ActivityType;
using torch::profiler::impl::ProfilerConfig;
using torch::profiler::impl::ProfilerState;

constexpr double kNanosecond = 1e-9;
constexpr size_t kNameLength = 110, kKernelsShown = 40;

// The length of the union of the intervals.
double CoveredSeconds(std::vector<std::pair<uint64_t, uint64_t>> intervals) {
  std::sort(intervals.begin(), intervals.end());
  uint64_t covered = 0, reached = 0;
  for (const auto& [start, end] : intervals) {
    if (end <= reached) continue;
    covered += end - std::max(start, reached);
    reached = end;
  }
  return static_cast<double>(covered) * kNanosecond;
}

}  // namespace

Profile ProfileWork(const std::string& work, c10::Device device, int runs, const std::function<void()>& body) {
  SecondsOn(device, body);
  Profile profile{.work = work, .runs = runs, .kernels = {}};
  const std::set<ActivityType> activities = {ActivityType::CPU, ActivityType::CUDA};
  const ProfilerConfig config(ProfilerState::KINETO);
  profiler::prepareProfiler(config, activities);
  profiler::enableProfiler(config, activities, {at::RecordScope::USER_SCOPE});  // no event for each operator
  profile.wall_seconds = SecondsOn(device, [&] {
    for (int i = 0; i < runs; ++i) body();
  });
  const std::unique_ptr<profiler::ProfilerResult> result = profiler::disableProfiler();
  std::map<std::string, KernelTime> by_name;
  std::vector<std::pair<uint64_t, uint64_t>> intervals;
  for (const profiler::KinetoEvent& event : result->events()) {
    if (event.deviceType() != device.type()) continue;
    KernelTime& kernel = by_name[event.name()];
    kernel.name = event.name();
    kernel.launches += 1;
    kernel.seconds += static_cast<double>(event.durationNs()) * kNanosecond;
    intervals.emplace_back(event.startNs(), event.endNs());
  }
  profile.busy_seconds = CoveredSeconds(std::move(intervals));
  for (auto& [name, kernel] : by_name) profile.kernels.push_back(std::move(kernel));
  std::sort(profile.kernels.begin(), profile.kernels.end(),
            [](const KernelTime& a, const KernelTime& b) { return a.seconds > b.seconds; });
  return profile;
}

std::string ToMarkdown(const Profile& profile) {
  const double wall = profile.wall_seconds / profile.runs;
  std::string text = absl::StrFormat("\n%s, %d in a row: %.4g ms each, the device busy for %.4g ms of it\n\n",
                                     profile.work, profile.runs, wall * 1e3, profile.busy_seconds / profile.runs * 1e3);
  text += "| ms | share | launches | us each | kernel |\n|---|---|---|---|---|\n";
  for (size_t i = 0; i < std::min(kKernelsShown, profile.kernels.size()); ++i) {
    const KernelTime& kernel = profile.kernels[i];
    const double seconds = kernel.seconds / profile.runs;
    text += absl::StrFormat("| %.3f | %.1f %% | %d | %.1f | %s |\n", seconds * 1e3, 100 * seconds / wall,
                            kernel.launches / profile.runs, kernel.seconds / static_cast<double>(kernel.launches) * 1e6,
                            kernel.name.substr(0, kNameLength));
  }
  return text;
}

}  // namespace ovi::bench
