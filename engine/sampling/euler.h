// Euler's method for the flow ODE: x' = x + (sigma' - sigma) velocity.
#pragma once

#include "engine/sampling/solver_run.h"

namespace ovi {

class Euler final : public SolverRun {
 public:
  explicit Euler(const Schedule& schedule) : SolverRun(schedule) {}

 private:
  at::Tensor Advance(const at::Tensor& velocity, const at::Tensor& sample) override;
};

}  // namespace ovi
