// A file descriptor and the few calls on it that artifacts need, with errors that say which file and why.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ovi {

// Owns an open file; closes it. Move-only.
class PosixFile {
 public:
  static absl::StatusOr<PosixFile> OpenToRead(const std::string& path);
  PosixFile(PosixFile&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  PosixFile& operator=(PosixFile&&) = delete;
  ~PosixFile();

  // Up to `limit` bytes from `offset`; fewer only at the end. Thread-safe.
  absl::StatusOr<std::string> Read(int64_t offset, int64_t limit) const;
  // Until the disk has it. Works on folders too: then it is their entries.
  absl::Status Flush() const;

 private:
  PosixFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  std::string path_;
  int fd_;
};

// `errno` as a status: "write out.mp4: No space left on device" as ResourceExhausted, and so on.
absl::Status ErrnoStatus(int error, const std::string& what);

absl::Status RenameFile(const std::string& from, const std::string& to);
// Removing what is not there succeeds.
absl::Status RemoveFile(const std::string& path);

}  // namespace ovi
