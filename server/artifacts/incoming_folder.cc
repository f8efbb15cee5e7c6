#include "server/artifacts/incoming_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "server/artifacts/posix_file.h"

namespace ovi {
namespace {

namespace fs = std::filesystem;

// Between making a folder and locking it somebody may take it for a dead one's.
constexpr int kTries = 10;

enum class Lock { kTaken, kHeldByOther, kUnknown };

Lock TryToLock(int folder) {
  if (flock(folder, LOCK_EX | LOCK_NB) == 0) return Lock::kTaken;
  return errno == EWOULDBLOCK ? Lock::kHeldByOther : Lock::kUnknown;
}

int OpenFolder(const std::string& path) { return open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }

bool IsStillThere(int folder) {
  struct stat status = {};
  return fstat(folder, &status) == 0 && status.st_nlink > 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<IncomingFolder>> IncomingFolder::Create(const std::string& parent) {
  std::error_code error;
  fs::create_directories(parent, error);
  if (error) return ErrnoStatus(error.value(), "create " + parent);
  for (int i = 0; i < kTries; ++i) {
    std::string path = parent + "/XXXXXX";
    if (mkdtemp(path.data()) == nullptr) return ErrnoStatus(errno, "write to " + parent);
    const int folder = OpenFolder(path);
    if (folder < 0) continue;
    if (TryToLock(folder) != Lock::kHeldByOther && IsStillThere(folder)) {
      return std::unique_ptr<IncomingFolder>(new IncomingFolder(path, folder));
    }
    close(folder);
  }
  return absl::InternalError("other servers keep taking the folders below " + parent + " away");
}

IncomingFolder::~IncomingFolder() {
  rmdir(path_.c_str());
  close(lock_);
}

absl::Status IncomingFolder::RemoveDead(const std::string& parent) {
  std::error_code error;
  for (auto each = fs::directory_iterator(parent, error); !error && each != fs::directory_iterator();
       each.increment(error)) {
    const std::string path = each->path().string();
    if (!each->is_directory()) {
      if (const absl::Status removed = RemoveFile(path); !removed.ok()) return removed;
      continue;
    }
    const int folder = OpenFolder(path);
    if (folder < 0) continue;
    if (TryToLock(folder) == Lock::kTaken) fs::remove_all(path, error);
    close(folder);
  }
  if (error) return ErrnoStatus(error.value(), "clean up " + parent);
  return absl::OkStatus();
}

}  // namespace ovi
