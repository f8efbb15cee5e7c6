#include "engine/parity/run_case.h"

#include <c10/core/InferenceMode.h>

#include <map>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/tensor_file.h"
#include "engine/guard.h"
#include "engine/parity/case_index.h"

namespace ovi {
namespace {

absl::StatusOr<CaseOutcome> Run(ParityCase& parity_case, const ParityContext& context, const CaseRunner& runner) {
  if (!runner) {
    return absl::UnimplementedError(
        absl::StrFormat("no runner knows cases of kind \"%s\"; is this build complete?", parity_case.kind));
  }
  const c10::InferenceMode inference;
  OVI_RETURN_IF_ERROR(LoadCaseTensors(parity_case));
  return runner(context, parity_case);
}

}  // namespace

CaseRun RunCase(ParityCase parity_case, const ParityContext& context, const CaseRunner& runner) {
  absl::StatusOr<CaseOutcome> outcome = Guard("runner", [&] { return Run(parity_case, context, runner); });
  CaseRun run;
  if (!outcome.ok()) {
    run.report.name = parity_case.name;
    run.report.problem = std::string(outcome.status().message());
    return run;
  }
  run.report = Compare(parity_case, *outcome, context.dtype);
  run.outcome = *std::move(outcome);
  return run;
}

absl::Status DumpOutcome(const CaseOutcome& outcome, const std::string& path) {
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, tensor] : outcome.tensors) {
    if (tensor.defined()) tensors.emplace("expected." + name, tensor);
  }
  return WriteSafetensors(path, tensors);
}

}  // namespace ovi
