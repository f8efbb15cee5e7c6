// A file that appears under its name only when it is whole.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ovi::client {

// Writes to `<path>.part` beside the target; Commit renames it. Destroyed without Commit: the part is removed.
// Path "-" is stdout.
class OutputFile {
 public:
  // Fails at once where the folder does not exist or cannot be written, so that no clip is made for nothing.
  static absl::StatusOr<OutputFile> Create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  absl::Status Write(std::string_view bytes);
  absl::Status Commit();

 private:
  OutputFile(std::string path, std::string part, std::FILE* file);
  std::string path_, part_;
  std::FILE* file_;
};

}  // namespace ovi::client
