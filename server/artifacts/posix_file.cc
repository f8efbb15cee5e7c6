#include "server/artifacts/posix_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "absl/strings/str_format.h"

namespace ovi {

absl::Status ErrnoStatus(int error, const std::string& what) {
  const std::string message = absl::StrFormat("%s: %s", what, std::generic_category().message(error));
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(message);
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(message + "; free some space or choose another --data_dir");
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message);
    default:
      return absl::InternalError(message);
  }
}

absl::StatusOr<PosixFile> PosixFile::OpenToRead(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ErrnoStatus(errno, "open " + path);
  return PosixFile(path, fd);
}

PosixFile::~PosixFile() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<std::string> PosixFile::Read(int64_t offset, int64_t limit) const {
  std::string bytes(static_cast<size_t>(limit), '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got =
        pread(fd_, bytes.data() + have, bytes.size() - have, static_cast<off_t>(offset + static_cast<int64_t>(have)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "read " + path_);
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

absl::Status PosixFile::Flush() const {
  if (fsync(fd_) != 0) return ErrnoStatus(errno, "flush " + path_);
  return absl::OkStatus();
}

absl::Status RenameFile(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return ErrnoStatus(errno, "rename to " + to);
  return absl::OkStatus();
}

absl::Status RemoveFile(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return ErrnoStatus(errno, "remove " + path);
  return absl::OkStatus();
}

}  // namespace ovi
