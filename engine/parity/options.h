// The command line of ovi-parity.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <optional>
#include <string>
#include <variant>

namespace ovi {

struct ParityOptions {
  std::string bundle, cases;  // folders
  std::string filter = "*";   // shell pattern on the case's name
  c10::Device device = c10::Device(c10::kCPU);
  at::ScalarType dtype = at::kFloat;
  std::string dump;  // folder; empty: none
  bool verbose = false;
};

// The options, or the status to exit with: 0 after --help, 2 after one line on stderr that says what is wrong.
std::variant<ParityOptions, int> ParseParityOptions(int argc, char** argv);

}  // namespace ovi
