// One latent's way from noise to data, a step at a time. The video and the audio latent of a clip each have a run of
// their own, with the same schedule and each with its own history.
//
//   std::unique_ptr<SolverRun> run = StartSolver(solver, schedule);
//   while (!run->done()) x = run->Step(velocity of x at schedule.timesteps[run->step()], x);
//
// Bit-exactness. A sample is float32 or bfloat16 and lives on any device; every coefficient is a 0-dim float32 tensor
// on the CPU and stands to the left of its product, as in upstream. LibTorch then rounds as it does there: a CUDA
// kernel takes such a coefficient in float32, a CPU kernel rounds it to the sample's dtype first. No step waits for the
// device. Not thread-safe.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "engine/clip.h"
#include "engine/sampling/schedule.h"

namespace ovi {

class SolverRun {
 public:
  virtual ~SolverRun() = default;

  // The sample at the next, lower sigma; `velocity` (noise minus data) is what the model predicts for `sample`. Any
  // shape, both alike. Neither is written to, but both may be kept: do not write to them afterwards.
  // Throws c10::Error if the run is done.
  at::Tensor Step(const at::Tensor& velocity, const at::Tensor& sample);

  // The data that `sample` would end in if the velocity stayed what it is: for previews, asked before Step.
  at::Tensor PredictData(const at::Tensor& velocity, const at::Tensor& sample) const;

  // Steps taken. Counted, unlike upstream, which looks the timestep up and stumbles over two equal ones.
  int step() const { return step_; }
  bool done() const { return step_ == steps_; }

 protected:
  explicit SolverRun(const Schedule& schedule);

  // What Step returns, seen from step().
  virtual at::Tensor Advance(const at::Tensor& velocity, const at::Tensor& sample) = 0;

  int steps() const { return steps_; }
  const at::Tensor& Sigma(int index) const { return sigmas_[static_cast<size_t>(index)]; }
  at::Tensor Alpha(int index) const;   // 1 - sigma
  at::Tensor Lambda(int index) const;  // log(alpha / sigma): infinite at sigma 0 and 1, which the formulas bear

 private:
  std::vector<at::Tensor> sigmas_;  // 0-dim, float32, CPU
  int steps_;
  int step_ = 0;
};

std::unique_ptr<SolverRun> StartSolver(Solver solver, const Schedule& schedule);

}  // namespace ovi
