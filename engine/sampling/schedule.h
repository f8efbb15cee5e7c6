// The noise levels and timesteps of a run: which sigma each step starts from and what the model is told about it.
//
// sigma is the share of noise in a latent: x = (1 - sigma) data + sigma noise. All numbers are upstream's to the last
// bit (model description, section 9): sigmas are laid out in double, shifted by s' = shift s / (1 + (shift - 1) s) and
// rounded to float once.
//   UniPC    from float(0.999); timesteps truncated to integers, sigmas not
//   DPM++    from 1; truncated likewise
//   Euler    shifted twice, hence ends at a sigma well above 0; timesteps are 1000 sigma in float, not truncated
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/clip.h"

namespace ovi {

struct Schedule {
  std::vector<float> sigmas;      // steps + 1 of them, falling; the last is 0
  std::vector<double> timesteps;  // one a step; integers but for Euler. Neighbours may be equal: count steps instead.

  int steps() const { return static_cast<int>(timesteps.size()); }
};

// InvalidArgument unless steps >= 1 and shift is finite and above 0 (0 would put every sigma at 0 and divide by it).
absl::StatusOr<Schedule> MakeSchedule(Solver solver, int steps, double shift);

}  // namespace ovi
