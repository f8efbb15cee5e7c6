#include "engine/synthesis/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/strings/numbers.h"

namespace ovi {

std::variant<SynthesizeOptions, int> ParseBundleOptions(int argc, char** argv) {
  constexpr int kBadFlags = 2;
  SynthesizeOptions options;
  CLI::App app(
      "Makes bundles.\n"
      "Exit status: 0 the bundle is there, 1 it could not be made and nothing was left behind, 2 the flags are wrong.",
      "ovi-bundle");
  app.require_subcommand(1);
  CLI::App& synthesize = *app.add_subcommand(
      "synthesize",
      "A bundle of random weights in upstream's layout, with the published names, shapes and types: for trying out\n"
      "loading, memory and speed without the published weights. Its clips are noise. Takes some 39 GB.");
  synthesize.add_option("--checkpoint", options.checkpoint, "720x720_5s, 960x960_5s, 960x960_10s or 720x720_5s_fp8")
      ->required();
  synthesize.add_option("--out", options.out, "folder to make; it may exist if it is empty")->required();
  std::string seed = "0";
  synthesize.add_option("--seed", seed, "0 to 2^64 - 1; the same seed gives the same bytes")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "ovi-bundle: %s; see --help\n", error.what());
    return kBadFlags;
  }
  if (!absl::SimpleAtoi(seed, &options.seed)) {  // which, unlike CLI11, takes no -1 for 2^64 - 1
    std::fprintf(stderr, "ovi-bundle: --seed is %s; it must be a whole number from 0 to 2^64 - 1\n", seed.c_str());
    return kBadFlags;
  }
  return options;
}

}  // namespace ovi
