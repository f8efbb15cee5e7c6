#include "server/jobs/step_times.h"

#include <algorithm>
#include <utility>

namespace ovi {
namespace {

// Before anything was measured: wrong, but of the size of a small clip on a CPU or a large one on a GPU.
constexpr absl::Duration kGuessedStep = absl::Seconds(1);
constexpr absl::Duration kGuessedRest = absl::Seconds(5);
// Weight of the newest measurement: a busy machine shows after a few clips, one odd clip does not decide.
constexpr double kNewest = 0.4;

absl::Duration Blend(absl::Duration old, absl::Duration newest) { return old * (1 - kNewest) + newest * kNewest; }

}  // namespace

StepTimes::StepTimes(const std::vector<StepTime>& known, std::function<void(const std::vector<StepTime>&)> keep)
    : keep_(std::move(keep)) {
  for (const StepTime& each : known) {
    costs_[Key{each.checkpoint, each.height, each.width}] = {each.step, each.rest};
  }
}

void StepTimes::Record(const ClipSpec& spec, absl::Duration step, absl::Duration total) {
  const Cost measured{step, std::max(total - step * spec.steps, absl::ZeroDuration())};
  std::vector<StepTime> all;
  {
    MutexLock lock(mutex_);
    ++version_;
    const auto [place, is_new] = costs_.emplace(Key{spec.checkpoint, spec.height, spec.width}, measured);
    Cost& cost = place->second;
    if (!is_new) cost = {Blend(cost.step, measured.step), Blend(cost.rest, measured.rest)};
    all = All();
  }
  if (keep_) keep_(all);
}

std::vector<StepTime> StepTimes::All() const {
  std::vector<StepTime> all;
  for (const auto& [key, cost] : costs_) {
    const auto& [checkpoint, height, width] = key;
    all.push_back({checkpoint, height, width, cost.step, cost.rest});
  }
  return all;
}

std::pair<StepTimes::Cost, bool> StepTimes::CostOf(const ClipSpec& spec) const {
  const auto known = costs_.find(Key{spec.checkpoint, spec.height, spec.width});
  if (known != costs_.end()) return {known->second, true};
  for (const auto& [key, cost] : costs_) {
    const auto& [checkpoint, height, width] = key;
    if (checkpoint != spec.checkpoint || height <= 0 || width <= 0) continue;
    const double ratio = static_cast<double>(spec.height) * spec.width / (static_cast<double>(height) * width);
    return {Cost{cost.step * ratio, cost.rest * ratio}, false};
  }
  return {Cost{kGuessedStep, kGuessedRest}, false};
}

int64_t StepTimes::version() const {
  MutexLock lock(mutex_);
  return version_;
}

Estimate StepTimes::Whole(const ClipSpec& spec) const { return AfterSteps(spec, 0, absl::ZeroDuration()); }

Estimate StepTimes::AfterSteps(const ClipSpec& spec, int steps_done, absl::Duration step) const {
  MutexLock lock(mutex_);
  const auto [cost, measured] = CostOf(spec);
  const absl::Duration per_step = step > absl::ZeroDuration() ? step : cost.step;
  return Estimate{per_step * std::max(spec.steps - steps_done, 0) + cost.rest, !measured};
}

Estimate StepTimes::AfterFrames(const ClipSpec& spec, int done, int frames) const {
  MutexLock lock(mutex_);
  const auto [cost, measured] = CostOf(spec);
  const double left = frames > 0 ? 1.0 - static_cast<double>(done) / frames : 0.0;
  return Estimate{cost.rest * std::max(left, 0.0), !measured};
}

}  // namespace ovi
