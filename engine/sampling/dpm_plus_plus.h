// DPM-Solver++(2M), midpoint form, for flow models (Lu et al. 2022, arXiv:2211.01095, algorithm 2; section 9.2 of the
// model's description). First order on the first step and, as the final sigma is 0, on the last.
#pragma once

#include "engine/sampling/solver_run.h"

namespace ovi {

class DpmPlusPlus final : public SolverRun {
 public:
  explicit DpmPlusPlus(const Schedule& schedule) : SolverRun(schedule) {}

 private:
  at::Tensor Advance(const at::Tensor& velocity, const at::Tensor& sample) override;

  at::Tensor previous_data_;  // predicted one step earlier
};

}  // namespace ovi
