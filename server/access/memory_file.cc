#include "server/access/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "server/artifacts/posix_file.h"

namespace ovi {
namespace {

absl::StatusOr<int> NewFile(std::string_view contents) {
  const int fd = memfd_create("ovi", MFD_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, "make a file in memory");
  while (!contents.empty()) {
    const ssize_t written = write(fd, contents.data(), contents.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const absl::Status status = ErrnoStatus(errno, "write a file in memory");
      close(fd);
      return status;
    }
    contents.remove_prefix(static_cast<size_t>(written));
  }
  return fd;
}

}  // namespace

absl::StatusOr<std::unique_ptr<MemoryFile>> MemoryFile::Create(std::string_view contents) {
  OVI_ASSIGN_OR_RETURN(const int fd, NewFile(contents));
  return std::unique_ptr<MemoryFile>(new MemoryFile(fd));
}

MemoryFile::~MemoryFile() { close(fd_); }

absl::Status MemoryFile::Replace(std::string_view contents) {
  OVI_ASSIGN_OR_RETURN(const int fd, NewFile(contents));
  const bool replaced = dup3(fd, fd_, O_CLOEXEC) >= 0;
  const int error = errno;
  close(fd);
  return replaced ? absl::OkStatus() : ErrnoStatus(error, "replace a file in memory");
}

std::string MemoryFile::path() const { return absl::StrFormat("/proc/self/fd/%d", fd_); }

}  // namespace ovi
