// A new file written by offset, in any order: the counterpart of engine/checkpoint/file_reader.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ovi {

// Thread-safe. What was written stays when this goes, finished or not.
class FileWriter {
 public:
  // Makes the file and the folders above it. AlreadyExists; PermissionDenied.
  static absl::StatusOr<std::unique_ptr<FileWriter>> Create(const std::string& path);
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  // ResourceExhausted: the disk is full, or fails.
  absl::Status Write(uint64_t offset, const void* data, uint64_t bytes) const;
  // Waits until all of it is on the disk: an error that the system kept to itself until now comes out here.
  absl::Status Finish() const;

 private:
  FileWriter(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  absl::Status Failed(int error) const;
  const std::string path_;
  const int descriptor_;
};

}  // namespace ovi
