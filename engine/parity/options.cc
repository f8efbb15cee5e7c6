#include "engine/parity/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "engine/device/device.h"

namespace ovi {
namespace {

constexpr int kBadFlags = 2;

int Complain(const std::string& message) {
  std::fprintf(stderr, "ovi-parity: %s\n", message.c_str());
  return kBadFlags;
}

}  // namespace

std::variant<ParityOptions, int> ParseParityOptions(int argc, char** argv) {
  ParityOptions options;
  std::string device = "cpu", dtype = "float32";
  CLI::App app(
      "Runs golden cases against a bundle and says how near each comes to what is expected.\n"
      "Exit status: 0 all cases pass, 1 a case fails, 2 the flags are wrong.",
      "ovi-parity");
  app.add_option("--bundle", options.bundle, "folder of the models the cases were made with")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--cases", options.cases, "folder with index.json")->required()->check(CLI::ExistingDirectory);
  app.add_option("--filter", options.filter, "only cases whose name matches this shell pattern")->capture_default_str();
  app.add_option("--dtype", dtype, "float32 or bfloat16")->capture_default_str();
  app.add_option("--device", device, "cpu, cuda or cuda:N")->capture_default_str();
  app.add_option("--dump", options.dump, "folder for <case>.safetensors with everything that was computed");
  app.add_flag("--verbose", options.verbose, "a line for every tensor, not only for those that fail");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return Complain(std::string(error.what()) + "; see --help");
  }
  const absl::StatusOr<at::ScalarType> parsed_dtype = ParseDtype(dtype);
  if (!parsed_dtype.ok()) return Complain(std::string(parsed_dtype.status().message()));
  const absl::StatusOr<c10::Device> parsed_device = ParseDevice(device);
  if (!parsed_device.ok()) return Complain(std::string(parsed_device.status().message()));
  options.dtype = *parsed_dtype;
  options.device = *parsed_device;
  return options;
}

}  // namespace ovi
