// A small file as one string.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace ovi {

// NotFound if it cannot be opened, DataLoss if reading breaks off.
absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace ovi
