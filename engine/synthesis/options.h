// The command line of ovi-bundle.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace ovi {

struct SynthesizeOptions {
  std::string checkpoint, out;  // a published name, a folder
  uint64_t seed = 0;
};

// The options of `ovi-bundle synthesize`, or the status to exit with: 0 after --help, 2 after one line on stderr that
// says what is wrong.
std::variant<SynthesizeOptions, int> ParseBundleOptions(int argc, char** argv);

}  // namespace ovi
