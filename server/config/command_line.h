// Reads the command line and flag files into absl flags. absl's own parser ends the process at the first mistake, with
// exit code 1; this one reports all of them and leaves ending to main.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace ovi {

// Takes --name=value, --name value, --bool, --nobool, and --flagfile=FILE with one flag a line (# begins a comment).
// Later ones win. InvalidArgument listing every unknown flag, bad value and stray word, and why there is no CPU offload
// for a flag that asks for one; the code of the failure (NotFound, PermissionDenied ...) if a flag file cannot be read.
absl::Status ParseCommandLine(const std::vector<std::string>& arguments);

// Every flag of ovi-server with its default, as --help prints it.
std::string FlagsHelp();

}  // namespace ovi
