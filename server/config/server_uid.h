// Which server this is, among those that share a job store.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace ovi {

// A UUID that is drawn when `data_dir` is first asked for it and is the same ever after: whoever holds the folder
// (paths.h) is that server. Errors: those of the disk.
absl::StatusOr<std::string> ServerUid(const std::string& data_dir);

}  // namespace ovi
