#include <algorithm>
#include <string_view>

#include "engine/parity/compare.h"

namespace ovi {
namespace {

// A golden's relative tolerance is ten times what upstream's own float32 run is off from its float64 run. To first
// order that error is proportional to the unit roundoff, so a bfloat16 run (u = 2^-8 instead of 2^-24) is expected to
// be off by 2^16 times as much; twice that, because weights and inputs are rounded as well and not only results.
constexpr double kGoldenMargin = 10, kRoundoffRatio = 65536, kWeightsToo = 2;

// First order fails a solver's trajectory: late steps are smaller than half a bfloat16 ulp of the state and are lost,
// all to the same side. Measured on the public cases: up to 3.9 times the expected error (docs/parity.md).
constexpr double kLostSteps = 8;

// Relative rms beyond which agreement says nothing, whatever the arithmetic: unrelated signals of equal power are
// sqrt(2) apart, and a forgotten rotary table or mask moves an output by some 0.3.
constexpr double kMeaningless = 0.25;

}  // namespace

Tolerance ToleranceFor(std::string_view kind, const Tolerance& golden, at::ScalarType dtype) {
  const bool exact = golden.rel_rms < 0 && golden.differing < 0 && golden.max_abs == 0;
  if (dtype == at::kFloat || exact) return golden;
  Tolerance tolerance = {.max_abs = -1, .rel_rms = kMeaningless, .differing = -1};
  if (golden.rel_rms >= 0) {
    const double factor = kind == "scheduler" ? kLostSteps : kWeightsToo;
    tolerance.rel_rms = std::min(kMeaningless, golden.rel_rms / kGoldenMargin * kRoundoffRatio * factor);
  }
  return tolerance;
}

}  // namespace ovi
