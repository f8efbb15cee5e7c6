// A file in memory that is replaced as a whole: whoever opens its path reads the old contents or the new ones.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace ovi {

// Gone with the process. One thread replaces it at a time; any may read its path meanwhile.
class MemoryFile {
 public:
  // Errors: the system's.
  static absl::StatusOr<std::unique_ptr<MemoryFile>> Create(std::string_view contents);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // On an error the old contents stay.
  absl::Status Replace(std::string_view contents);
  // For this process alone.
  std::string path() const;

 private:
  explicit MemoryFile(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace ovi
