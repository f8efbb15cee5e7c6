// A file read by offset: no mapping, no shared position. What was read is dropped from the page cache.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ovi {

// Thread-safe.
class FileReader {
 public:
  // NotFound, PermissionDenied; InvalidArgument for what is no regular file.
  static absl::StatusOr<std::unique_ptr<FileReader>> Open(const std::string& path);
  ~FileReader();
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }
  // Fills `out` with `bytes` bytes from `offset`; DataLoss if the file ends before.
  absl::Status Read(uint64_t offset, uint64_t bytes, void* out) const;
  absl::StatusOr<std::string> Read(uint64_t offset, uint64_t bytes) const;

 private:
  FileReader(std::string path, int descriptor, uint64_t size);
  const std::string path_;
  const int descriptor_;
  const uint64_t size_;
};

}  // namespace ovi
