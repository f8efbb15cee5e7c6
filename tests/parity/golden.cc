#include "tests/parity/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log.h"
#include "engine/checkpoint/bundle.h"
#include "engine/parity/case_index.h"
#include "engine/parity/compare.h"

namespace ovi {
namespace {

constexpr char kBundle[] = OVI_SHARED_DIR "/goldens/tiny-bundle";
constexpr char kCases[] = OVI_SHARED_DIR "/goldens/cases";

template <typename Value>
Value OrAbort(absl::StatusOr<Value> value) {
  if (!value.ok()) {
    log::Error("goldens: %s", value.status().ToString());
    std::abort();
  }
  return *std::move(value);
}

}  // namespace

ParityContext GoldenContext() { return {.bundle = OrAbort(OpenBundle(kBundle))}; }

std::vector<ParityCase> LoadGoldens(const std::string& kind) {
  std::vector<ParityCase> chosen;
  for (ParityCase& parity_case : OrAbort(LoadCaseIndex(kCases))) {
    if (parity_case.kind != kind) continue;
    if (const absl::Status status = LoadCaseTensors(parity_case); !status.ok()) {
      log::Error("goldens: %s", status.ToString());
      std::abort();
    }
    chosen.push_back(std::move(parity_case));
  }
  return chosen;
}

void ExpectMatches(const CaseOutcome& outcome, const ParityCase& parity_case) {
  const CaseReport report = Compare(parity_case, outcome, at::kFloat);
  EXPECT_TRUE(report.ok) << FormatReport(report);
}

void ExpectAllMatch(const std::string& kind, const CaseRunner& runner) {
  const ParityContext context = GoldenContext();
  const std::vector<ParityCase> cases = LoadGoldens(kind);
  EXPECT_FALSE(cases.empty()) << "no golden of kind " << kind;
  for (const ParityCase& parity_case : cases) {
    const absl::StatusOr<CaseOutcome> outcome = runner(context, parity_case);
    ASSERT_TRUE(outcome.ok()) << parity_case.name << ": " << outcome.status();
    ExpectMatches(*outcome, parity_case);
  }
}

}  // namespace ovi
