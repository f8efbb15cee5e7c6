#include "server/config/paths.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_format.h"
#include "server/artifacts/posix_file.h"

namespace ovi {
namespace {

namespace fs = std::filesystem;

// build/<preset>/bin lies this far below the source tree.
constexpr int kLevelsUp = 5;

}  // namespace

std::string FindDemoBundle(const std::string& executable) {
  std::error_code error;
  fs::path folder = fs::weakly_canonical(executable, error).parent_path();
  const auto is_bundle = [](const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path / "ovi-bundle.json", ignored);
  };
  if (const fs::path installed = folder.parent_path() / "share/ovi/models/demo"; is_bundle(installed)) {
    return installed.string();
  }
  for (int level = 0; level < kLevelsUp; ++level, folder = folder.parent_path()) {
    if (is_bundle(folder / "models/demo")) return (folder / "models/demo").string();
  }
  return "";
}

std::string DefaultDataDir() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state != '\0') return std::string(state) + "/ovi";
  const char* home = std::getenv("HOME");
  return home != nullptr && *home != '\0' ? std::string(home) + "/.local/state/ovi" : "";
}

absl::StatusOr<std::unique_ptr<DataDir>> DataDir::Open(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return ErrnoStatus(error.value(), absl::StrFormat("create --data_dir %s", folder));
  const std::string path = folder + "/lock";
  const int lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return ErrnoStatus(errno, absl::StrFormat("open %s", path));
  std::unique_ptr<DataDir> data_dir(new DataDir(lock));
  if (flock(lock, LOCK_EX | LOCK_NB) == 0) return data_dir;
  if (errno != EWOULDBLOCK) return ErrnoStatus(errno, absl::StrFormat("lock %s", path));
  return absl::FailedPreconditionError(
      absl::StrFormat("--data_dir %s is in use by another ovi-server; stop that one or choose another folder", folder));
}

DataDir::~DataDir() { close(lock_); }

}  // namespace ovi
