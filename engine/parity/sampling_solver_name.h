// How the goldens spell a solver.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "engine/clip.h"

namespace ovi {

inline absl::StatusOr<Solver> SolverOfGolden(const std::string& name) {
  if (name == "unipc") return Solver::kUniPc;
  if (name == "dpm++") return Solver::kDpmPlusPlus;
  if (name == "euler") return Solver::kEuler;
  return absl::InvalidArgumentError(absl::StrFormat("solver is \"%s\"; use unipc, dpm++ or euler", name));
}

}  // namespace ovi
