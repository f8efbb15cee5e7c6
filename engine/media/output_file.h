// A file that is only there for good once somebody says so.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace ovi {

// Creates an empty file, never touching an existing one, and removes it again unless Keep was called. Move-only.
class OutputFile {
 public:
  // Errors: AlreadyExists, NotFound (the folder), PermissionDenied, ResourceExhausted.
  static absl::StatusOr<OutputFile> Create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  const std::string& path() const { return path_; }
  // The file stays. Returns its size in bytes.
  absl::StatusOr<int64_t> Keep();

 private:
  explicit OutputFile(std::string path) : path_(std::move(path)) {}

  std::string path_;  // empty: nothing to remove
};

}  // namespace ovi
