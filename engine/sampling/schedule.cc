// Compiled with -ffp-contract=off: a fused multiply-add would move a sigma by an ulp, and a timestep that is truncated
// right below an integer by a whole one.
#include "engine/sampling/schedule.h"

#include <cmath>

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

constexpr int kTrainTimesteps = 1000;

double Shifted(double sigma, double shift) { return shift * sigma / (1 + (shift - 1) * sigma); }

// `count` numbers from `start` in steps of (stop - start) / divisions, as numpy.linspace computes them.
std::vector<double> Linspace(double start, double stop, int divisions, int count) {
  const double step = (stop - start) / divisions;
  std::vector<double> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(i * step + start);
  return numbers;
}

// UniPC and DPM++: the end point 0 is left out of the layout and follows as the last sigma.
Schedule MultistepSchedule(double sigma_max, int steps, double shift) {
  Schedule schedule;
  for (const double unshifted : Linspace(sigma_max, 0, steps, steps)) {
    const double sigma = Shifted(unshifted, shift);
    schedule.sigmas.push_back(static_cast<float>(sigma));
    schedule.timesteps.push_back(std::trunc(sigma * kTrainTimesteps));
  }
  schedule.sigmas.push_back(0);
  return schedule;
}

// The first shift, in float: upstream applies it to the training sigmas, whose ends bound the layout.
float ShiftedTrainingSigma(float timestep, double shift) {
  const float sigma = timestep / static_cast<float>(kTrainTimesteps);
  return static_cast<float>(shift) * sigma / (1.0f + static_cast<float>(shift - 1) * sigma);
}

Schedule EulerSchedule(int steps, double shift) {
  const double start = static_cast<double>(ShiftedTrainingSigma(kTrainTimesteps, shift)) * kTrainTimesteps;
  const double stop = static_cast<double>(ShiftedTrainingSigma(1, shift)) * kTrainTimesteps;
  // Here the layout includes its end point: one division fewer than steps, and none for a single step.
  std::vector<double> layout = steps == 1 ? std::vector<double>{start} : Linspace(start, stop, steps - 1, steps);
  if (steps > 1) layout.back() = stop;
  Schedule schedule;
  for (const double timestep : layout) {
    const float sigma = static_cast<float>(Shifted(timestep / kTrainTimesteps, shift));
    schedule.sigmas.push_back(sigma);
    schedule.timesteps.push_back(static_cast<double>(sigma * static_cast<float>(kTrainTimesteps)));
  }
  schedule.sigmas.push_back(0);
  return schedule;
}

}  // namespace

absl::StatusOr<Schedule> MakeSchedule(Solver solver, int steps, double shift) {
  if (steps < 1) return absl::InvalidArgumentError(absl::StrFormat("steps is %d; it must be at least 1", steps));
  if (!std::isfinite(shift) || shift <= 0) {
    return absl::InvalidArgumentError(absl::StrFormat("shift is %g; it must be a finite number above 0", shift));
  }
  switch (solver) {
    case Solver::kUniPc:
      return MultistepSchedule(static_cast<double>(0.999f), steps, shift);
    case Solver::kDpmPlusPlus:
      return MultistepSchedule(1, steps, shift);
    case Solver::kEuler:
      return EulerSchedule(steps, shift);
  }
  return absl::InvalidArgumentError(absl::StrFormat("solver %d is unknown", static_cast<int>(solver)));
}

}  // namespace ovi
