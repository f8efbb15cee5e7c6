// Files of random tensors, made and written on every core at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/synthesis/file_layout.h"

namespace ovi {

struct PlannedFile {
  std::string path;
  FileLayout layout;
};

// Takes a few MB for each of `threads` threads, however large the files are, and the bytes do not depend on their
// number. The containers come last: a file that was not finished is none that a reader would take. Errors as
// FileWriter's.
absl::Status WriteFiles(const std::vector<PlannedFile>& files, uint64_t seed, unsigned threads);

}  // namespace ovi
