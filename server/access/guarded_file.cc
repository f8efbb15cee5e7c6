#include "server/access/guarded_file.h"

#include <sys/stat.h>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "server/artifacts/posix_file.h"

namespace ovi {
namespace {

constexpr int64_t kMaxBytes = 1 << 20;

}  // namespace

absl::StatusOr<GuardedFile> ReadGuardedFile(const std::string& path) {
  struct stat found = {};
  if (stat(path.c_str(), &found) != 0) return ErrnoStatus(errno, path);
  if (!S_ISREG(found.st_mode)) return absl::InvalidArgumentError(absl::StrFormat("%s: it is not a file", path));
  if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return absl::PermissionDeniedError(
        absl::StrFormat("%s: others than its owner can write it (mode %03o), and whoever can write it can let himself "
                        "in; chmod go-w it",
                        path, found.st_mode & 0777));
  }
  OVI_ASSIGN_OR_RETURN(const PosixFile file, PosixFile::OpenToRead(path));
  OVI_ASSIGN_OR_RETURN(std::string text, file.Read(0, kMaxBytes + 1));
  if (static_cast<int64_t>(text.size()) > kMaxBytes) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: it is larger than %d bytes", path, kMaxBytes));
  }
  return GuardedFile{.text = std::move(text), .others_can_read = (found.st_mode & S_IROTH) != 0};
}

}  // namespace ovi
