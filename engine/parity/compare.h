// Holding what was computed to what was expected.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/parity/parity_case.h"

namespace ovi {

// One tensor against its golden.
struct TensorReport {
  std::string name;
  bool ok = false;
  double max_abs = 0, rel_rms = 0, differing = 0;
  Tolerance tolerance;  // as applied: in bfloat16 not the golden's own
  std::string problem;  // "not computed", "shape [2], expected [3]", "not finite"; else empty
  // How much of its tolerance it uses, 1 being all of it.
  double used = 0;
};

struct CaseReport {
  std::string name;
  bool ok = false;
  std::vector<TensorReport> tensors;
  std::string problem;  // a runner's error, or the first wrong row of a table
  int64_t rows = 0, wrong_rows = 0;
};

// The tolerance for a run in `dtype` (docs/parity.md has the arithmetic). float32: the golden's own. Otherwise what
// must be exact stays exact, and of the rest the relative rms alone is limited, samples and frames included.
Tolerance ToleranceFor(std::string_view kind, const Tolerance& golden, at::ScalarType dtype);

// Both tolerances must hold; integers are exact unless the golden allows a difference. A tensor that is missing,
// misshapen or not finite fails, and so does a case that compared nothing at all.
CaseReport Compare(const ParityCase& parity_case, const CaseOutcome& outcome, at::ScalarType dtype);

// The tensor that uses most of its tolerance; null if there is none.
const TensorReport* Tightest(const CaseReport& report);

// "fusion_forward_t2v   max 1.2e-06   rms 3.1e-07   (limits 2.2e-05, 4.8e-06)   ok", with a line per failed tensor, or
// if `verbose` for every tensor.
std::string FormatReport(const CaseReport& report, bool verbose = false);

}  // namespace ovi
