// Small files that decide who gets in.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace ovi {

struct GuardedFile {
  std::string text;
  bool others_can_read = false;  // not only owner and group
};

// PermissionDenied if group or others can write the file, as whoever can write it can let himself in; InvalidArgument
// if it is no regular file or larger than 1 MiB; else the system's error. The message begins with the path.
absl::StatusOr<GuardedFile> ReadGuardedFile(const std::string& path);

}  // namespace ovi
