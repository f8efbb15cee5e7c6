// ovi-bundle: makes bundles. So far those of random weights.
#include <chrono>
#include <cstdio>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "engine/checkpoint/bundle.h"
#include "engine/synthesis/options.h"
#include "engine/synthesis/synthesize.h"

namespace ovi {
namespace {

constexpr int kFailed = 1, kBadFlags = 2;

int Complain(int exit_status, const absl::Status& status) {
  absl::FPrintF(stderr, "ovi-bundle: %s\n", std::string(status.message()));
  return exit_status;
}

int Run(const SynthesizeOptions& options) {
  const absl::StatusOr<BundleConfig> bundle = PublishedBundle(options.out, options.checkpoint);
  if (!bundle.ok()) return Complain(kBadFlags, bundle.status());
  const auto start = std::chrono::steady_clock::now();
  if (const absl::Status made = Synthesize(*bundle, options.out, options.seed); !made.ok()) {
    return Complain(kFailed, made);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  absl::PrintF("%s: random weights of %s, seed %d, in %.1f s\n", options.out, options.checkpoint, options.seed,
               seconds.count());
  return 0;
}

}  // namespace
}  // namespace ovi

int main(int argc, char** argv) {
  const std::variant<ovi::SynthesizeOptions, int> options = ovi::ParseBundleOptions(argc, argv);
  if (const int* const exit_status = std::get_if<int>(&options)) return *exit_status;
  return ovi::Run(std::get<ovi::SynthesizeOptions>(options));
}
