// ovi-parity: holds our models to golden cases (goldens/README.md), one by one.
#include <ATen/Context.h>
#include <fnmatch.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/checkpoint/bundle.h"
#include "engine/parity/case_index.h"
#include "engine/parity/compare.h"
#include "engine/parity/options.h"
#include "engine/parity/run_case.h"
#include "engine/parity/runners.h"

namespace ovi {
namespace {

constexpr int kAllOk = 0, kCaseFailed = 1, kBadInput = 2;

int Complain(int exit_status, const std::string& message) {
  absl::FPrintF(stderr, "ovi-parity: %s\n", message);
  return exit_status;
}

// The float32 tolerances are for float32 arithmetic; on CUDA devices convolutions would use TF32 unless told not to.
void UseFullFloat32() {
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
}

int RunAll(const ParityOptions& options, const ParityContext& context, std::vector<ParityCase> cases) {
  const RunnerTable runners = AllRunners();
  std::vector<std::string> failed;
  const size_t count = cases.size();
  for (ParityCase& parity_case : cases) {
    const std::string name = parity_case.name;
    const auto runner = runners.find(parity_case.kind);
    const CaseRun run =
        RunCase(std::move(parity_case), context, runner == runners.end() ? CaseRunner() : runner->second);
    absl::PrintF("%s\n", FormatReport(run.report, options.verbose));
    std::fflush(stdout);  // a reader follows along, and a crash keeps what was found
    if (!run.report.ok) failed.push_back(name);
    if (options.dump.empty() || run.outcome.tensors.empty()) continue;
    const std::string path = (std::filesystem::path(options.dump) / (name + ".safetensors")).string();
    if (const absl::Status dumped = DumpOutcome(run.outcome, path); !dumped.ok()) {
      return Complain(kCaseFailed, dumped.ToString());
    }
  }
  absl::PrintF("%d of %d cases ok\n", count - failed.size(), count);
  if (failed.empty()) return kAllOk;
  absl::PrintF("FAIL: %s\n", absl::StrJoin(failed, ", "));
  return kCaseFailed;
}

int Run(const ParityOptions& options) {
  absl::StatusOr<BundleConfig> bundle = OpenBundle(options.bundle);
  if (!bundle.ok()) return Complain(kBadInput, std::string(bundle.status().message()));
  absl::StatusOr<std::vector<ParityCase>> cases = LoadCaseIndex(options.cases);
  if (!cases.ok()) return Complain(kBadInput, std::string(cases.status().message()));
  std::erase_if(*cases, [&](const ParityCase& parity_case) {
    return fnmatch(options.filter.c_str(), parity_case.name.c_str(), 0) != 0;
  });
  if (cases->empty()) {
    return Complain(kBadInput, absl::StrFormat("no case of %s matches --filter \"%s\"", options.cases, options.filter));
  }
  if (std::error_code error; !options.dump.empty()) {
    std::filesystem::create_directories(options.dump, error);
    if (error) return Complain(kBadInput, absl::StrFormat("--dump %s: %s", options.dump, error.message()));
  }
  UseFullFloat32();
  return RunAll(options, {.bundle = *std::move(bundle), .device = options.device, .dtype = options.dtype},
                *std::move(cases));
}

}  // namespace
}  // namespace ovi

int main(int argc, char** argv) {
  const std::variant<ovi::ParityOptions, int> options = ovi::ParseParityOptions(argc, argv);
  if (const int* const exit_status = std::get_if<int>(&options)) return *exit_status;
  return ovi::Run(std::get<ovi::ParityOptions>(options));
}
