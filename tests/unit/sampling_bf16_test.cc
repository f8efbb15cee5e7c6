#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "engine/checkpoint/tensor_file.h"
#include "engine/sampling/solver_run.h"

namespace ovi {
namespace {

Solver SolverNamed(const std::string& name) {
  return name == "unipc" ? Solver::kUniPc : name == "dpm++" ? Solver::kDpmPlusPlus : Solver::kEuler;
}

// bfloat16 keeps 8 bits, so where each rounding stands is all there is. The file holds what upstream's own classes make
// of x0 (tests/data/sampling/make_solvers.py); the goldens, in float32, cannot see this.
// Seen failing: with a coefficient to the right of its product (either multistep solver), without UniPC's corrector,
// without DPM++'s second-order term. Roundings that a CPU makes unasked (Euler's dt, UniPC's rho) it cannot miss.
TEST(SolverBf16Test, TakesUpstreamsStatesToTheLastBit) {
  const auto file = OpenTensorFile(OVI_SOURCE_DIR "/tests/data/sampling/solvers_bf16.safetensors");
  ASSERT_TRUE(file.ok()) << file.status();
  const at::Tensor x0 = *(*file)->Read("x0");
  int runs = 0;
  for (const auto& [name, info] : (*file)->tensors()) {
    char solver_name[8];
    int steps = 0;
    double shift = 0;
    if (std::sscanf(name.c_str(), "%7[^_]_steps%d_shift%lf", solver_name, &steps, &shift) != 3) continue;
    const Solver solver = SolverNamed(solver_name);
    const Schedule schedule = *MakeSchedule(solver, steps, shift);
    const at::Tensor expected = *(*file)->Read(name);
    const auto run = StartSolver(solver, schedule);
    for (at::Tensor x = x0; !run->done();) {
      x = run->Step(x * (schedule.timesteps[static_cast<size_t>(run->step())] / 1000), x);
      ASSERT_TRUE(x.equal(expected[run->step()])) << name << ", step " << run->step();
    }
    ++runs;
  }
  EXPECT_EQ(runs, 15);
}

}  // namespace
}  // namespace ovi
