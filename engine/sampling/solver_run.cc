#include "engine/sampling/solver_run.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/log.h>
#include <ATen/ops/scalar_tensor.h>
#include <c10/util/Exception.h>

#include "engine/sampling/dpm_plus_plus.h"
#include "engine/sampling/euler.h"
#include "engine/sampling/unipc.h"

namespace ovi {

SolverRun::SolverRun(const Schedule& schedule) : steps_(schedule.steps()) {
  for (const float sigma : schedule.sigmas) sigmas_.push_back(at::scalar_tensor(sigma, at::kFloat));
}

at::Tensor SolverRun::Step(const at::Tensor& velocity, const at::Tensor& sample) {
  TORCH_CHECK(!done(), "the run of ", steps_, " steps is done");
  at::Tensor next = Advance(velocity, sample);
  ++step_;
  return next;
}

at::Tensor SolverRun::PredictData(const at::Tensor& velocity, const at::Tensor& sample) const {
  return sample - Sigma(step_) * velocity;
}

at::Tensor SolverRun::Alpha(int index) const { return 1 - Sigma(index); }

at::Tensor SolverRun::Lambda(int index) const { return at::log(Alpha(index)) - at::log(Sigma(index)); }

std::unique_ptr<SolverRun> StartSolver(Solver solver, const Schedule& schedule) {
  switch (solver) {
    case Solver::kUniPc:
      return std::make_unique<UniPc>(schedule);
    case Solver::kDpmPlusPlus:
      return std::make_unique<DpmPlusPlus>(schedule);
    case Solver::kEuler:
      return std::make_unique<Euler>(schedule);
  }
  TORCH_CHECK(false, "solver ", static_cast<int>(solver), " is unknown");
}

}  // namespace ovi
