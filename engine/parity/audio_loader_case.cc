// Runs the cases of kind "loader": a file with a component's tensors in another spelling, which must make no difference
// to any case of that component in the same folder. The case's name starts with the component's.
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "base/status_macros.h"
#include "engine/parity/case_index.h"
#include "engine/parity/compare.h"
#include "engine/parity/parity_case.h"

namespace ovi {
namespace {

struct Component {
  absl::string_view prefix;  // of the names of its cases
  std::string BundleConfig::*file;
};
constexpr Component kComponents[] = {{"vocoder_", &BundleConfig::vocoder_file},
                                     {"audio_vae_", &BundleConfig::audio_vae_file}};

absl::StatusOr<CaseReport> RunWith(const ParityContext& context, ParityCase& parity_case) {
  OVI_RETURN_IF_ERROR(LoadCaseTensors(parity_case));
  OVI_ASSIGN_OR_RETURN(const CaseOutcome outcome, RunAudioCase(context, parity_case));
  return Compare(parity_case, outcome, context.dtype);
}

absl::StatusOr<CaseOutcome> RunWithFile(const ParityContext& context, const ParityCase& loader_case,
                                        absl::string_view prefix) {
  OVI_ASSIGN_OR_RETURN(std::vector<ParityCase> cases, LoadCaseIndex(loader_case.directory));
  CaseOutcome outcome;
  for (ParityCase& parity_case : cases) {
    if (parity_case.kind != "audio" || !absl::StartsWith(parity_case.name, prefix)) continue;
    OVI_ASSIGN_OR_RETURN(const CaseReport report, RunWith(context, parity_case));
    ++outcome.rows;
    if (report.ok) continue;
    if (outcome.wrong_rows++ == 0) outcome.first_wrong_row = FormatReport(report);
  }
  if (outcome.rows == 0) {
    return absl::NotFoundError(
        absl::StrFormat("%s: no audio case in %s starts with %s", loader_case.name, loader_case.directory, prefix));
  }
  return outcome;
}

}  // namespace

absl::StatusOr<CaseOutcome> RunLoaderCase(const ParityContext& context, const ParityCase& parity_case) {
  for (const Component& component : kComponents) {
    if (!absl::StartsWith(parity_case.name, component.prefix)) continue;
    ParityContext other = context;
    other.bundle.*component.file = (std::filesystem::path(parity_case.directory) / parity_case.file).string();
    return RunWithFile(other, parity_case, component.prefix);
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: a loader case is named after its component, vocoder_... or audio_vae_...", parity_case.name));
}

}  // namespace ovi
