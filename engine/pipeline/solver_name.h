// The words for solvers that manifests, metadata and goldens use.
#pragma once

#include <optional>
#include <string_view>

#include "engine/clip.h"

namespace ovi {

constexpr std::string_view SolverName(Solver solver) {
  switch (solver) {
    case Solver::kUniPc:
      return "unipc";
    case Solver::kDpmPlusPlus:
      return "dpm++";
    case Solver::kEuler:
      return "euler";
  }
  return "unknown";
}

constexpr std::optional<Solver> SolverNamed(std::string_view name) {
  for (const Solver solver : {Solver::kUniPc, Solver::kDpmPlusPlus, Solver::kEuler}) {
    if (SolverName(solver) == name) return solver;
  }
  return std::nullopt;
}

}  // namespace ovi
