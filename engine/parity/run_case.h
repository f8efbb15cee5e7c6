// Runs one case, whatever it does, to a report.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "engine/parity/compare.h"
#include "engine/parity/parity_case.h"

namespace ovi {

struct CaseRun {
  CaseReport report;
  CaseOutcome outcome;  // empty if the runner failed
};

// Reads the case's tensors and calls `runner`. Tensors that cannot be read, an empty runner (a kind nobody knows) and
// what the runner returns or throws as an error become a report that fails.
CaseRun RunCase(ParityCase parity_case, const ParityContext& context, const CaseRunner& runner);

// Writes every tensor of `outcome` to `path` as the golden names it ("expected.<name>").
absl::Status DumpOutcome(const CaseOutcome& outcome, const std::string& path);

}  // namespace ovi
