// UniPC of order 2, B2(h) variant, predicting data (Zhao et al. 2023, arXiv:2302.04867; section 9.1 of the model's
// description). Each step first corrects the sample it is given with the new prediction, then predicts the next one.
//
// The corrector starts from its own history: of the sample that Step is given only the data predicted from it is used,
// so a first frame put back between steps does not reach the corrected sample. That is upstream's behaviour.
#pragma once

#include "engine/sampling/solver_run.h"

namespace ovi {

class UniPc final : public SolverRun {
 public:
  explicit UniPc(const Schedule& schedule) : SolverRun(schedule) {}

 private:
  at::Tensor Advance(const at::Tensor& velocity, const at::Tensor& sample) override;

  // Both methods read the history as it stands: data_ is the latest prediction in it, earlier_data_ the one before.
  at::Tensor Correct(const at::Tensor& new_data) const;
  at::Tensor Predict(const at::Tensor& sample) const;
  // The first-order step from sigma `from` to sigma `to`; `growth` is expm1(-h).
  at::Tensor FirstOrder(int from, int to, const at::Tensor& growth, const at::Tensor& sample) const;

  at::Tensor data_, earlier_data_;
  at::Tensor sample_;  // corrected, at the sigma of the latest step
  int order_ = 0;      // of the latest predictor: 1, 2, 2, ..., 2, 1
};

}  // namespace ovi
