// Cases of kind "scheduler": schedules, and the ways that a solver takes under given velocities.
#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/stack.h>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/parity/parity_case.h"
#include "engine/parity/sampling_solver_name.h"
#include "engine/sampling/schedule.h"
#include "engine/sampling/solver_run.h"

namespace ovi {
namespace {

// The velocity of step i at state x.
using VelocityField = std::function<at::Tensor(int i, const at::Tensor& x)>;

// x_0 ... x_n, stacked.
at::Tensor Trajectory(Solver solver, const Schedule& schedule, at::Tensor x, const VelocityField& field) {
  const auto run = StartSolver(solver, schedule);
  std::vector<at::Tensor> states = {x};
  while (!run->done()) {
    x = run->Step(field(run->step(), x), x);
    states.push_back(x);
  }
  return at::stack(states);
}

// Integers where upstream has them.
at::Tensor Timesteps(Solver solver, const Schedule& schedule) {
  std::vector<double> values = schedule.timesteps;
  return at::from_blob(values.data(), {schedule.steps()}, at::kDouble)
      .to(solver == Solver::kEuler ? at::kFloat : at::kLong);
}

at::Tensor Sigmas(const Schedule& schedule) {
  std::vector<float> values = schedule.sigmas;
  return at::from_blob(values.data(), {schedule.steps() + 1}, at::kFloat).clone();
}

}  // namespace

absl::StatusOr<CaseOutcome> RunSchedulerCase(const ParityContext& context, const ParityCase& parity_case) {
  OVI_ASSIGN_OR_RETURN(const Solver solver, SolverOfGolden(parity_case.args.at("solver").get<std::string>()));
  const at::Tensor x0 = parity_case.inputs.at("x0").to(context.device, context.dtype);
  CaseOutcome outcome;
  for (const nlohmann::json& combination : parity_case.args.at("combinations")) {
    const int steps = combination.at("steps").get<int>();
    const double shift = combination.at("shift").get<double>();
    OVI_ASSIGN_OR_RETURN(const Schedule schedule, MakeSchedule(solver, steps, shift));
    const std::string suffix = absl::StrFormat("_steps%d_shift%g", steps, shift);
    outcome.tensors["sigmas" + suffix] = Sigmas(schedule);
    outcome.tensors["timesteps" + suffix] = Timesteps(solver, schedule);
    outcome.tensors["trajectory" + suffix] = Trajectory(solver, schedule, x0, [&](int i, const at::Tensor& x) {
      return at::sin(x) * schedule.timesteps[static_cast<size_t>(i)] / 1000;
    });
  }

  for (const auto& [name, expected] : parity_case.expected) {
    int steps = 0;
    double shift = 0;
    if (std::sscanf(name.c_str(), "trajectory_stored_steps%d_shift%lf", &steps, &shift) != 2) continue;
    OVI_ASSIGN_OR_RETURN(const Schedule schedule, MakeSchedule(solver, steps, shift));
    const at::Tensor velocities = parity_case.inputs.at("model_outputs").to(context.device, context.dtype);
    outcome.tensors[name] = Trajectory(solver, schedule, x0, [&](int i, const at::Tensor&) { return velocities[i]; });
  }
  return outcome;
}

}  // namespace ovi
