#include "server/artifacts/directory_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/status_macros.h"
#include "server/artifacts/artifact_key.h"
#include "server/artifacts/measure.h"
#include "server/artifacts/posix_file.h"

namespace ovi {
namespace {

class FileReader final : public ArtifactReader {
 public:
  explicit FileReader(PosixFile file) : file_(std::move(file)) {}
  absl::StatusOr<std::string> Read(int64_t offset, int64_t limit) override { return file_.Read(offset, limit); }

 private:
  const PosixFile file_;
};

class PendingFile final : public PendingArtifact {
 public:
  PendingFile(std::string folder, std::string key)
      : folder_(std::move(folder)), key_(std::move(key)), path_(folder_ + "/incoming/" + key_) {}

  ~PendingFile() override {
    if (committed_) return;
    if (const absl::Status removed = RemoveFile(path_); !removed.ok()) {
      log::Warning("an unfinished artifact stays behind: %s", std::string(removed.message()));
    }
  }

  const std::string& path() const override { return path_; }

  absl::StatusOr<StoredArtifact> Commit() override {
    OVI_ASSIGN_OR_RETURN(const PosixFile file, PosixFile::OpenToRead(path_));
    StoredArtifact stored{.key = key_, .size_bytes = 0, .sha256 = "", .uri = "file://" + folder_ + "/" + key_};
    OVI_RETURN_IF_ERROR(Measure(file, stored));
    if (chmod(path_.c_str(), S_IRUSR | S_IWUSR) != 0) return ErrnoStatus(errno, "restrict " + path_);
    OVI_RETURN_IF_ERROR(file.Flush());
    OVI_RETURN_IF_ERROR(RenameFile(path_, folder_ + "/" + key_));
    committed_ = true;
    OVI_ASSIGN_OR_RETURN(const PosixFile folder, PosixFile::OpenToRead(folder_));
    OVI_RETURN_IF_ERROR(folder.Flush());
    return stored;
  }

 private:
  const std::string folder_, key_, path_;
  bool committed_ = false;
};

class DirectoryStore final : public ArtifactStore {
 public:
  explicit DirectoryStore(std::string folder) : folder_(std::move(folder)) {}

  absl::StatusOr<std::unique_ptr<PendingArtifact>> Begin(const std::string& key) override {
    OVI_RETURN_IF_ERROR(CheckArtifactKey(key));
    auto pending = std::make_unique<PendingFile>(folder_, key);
    OVI_RETURN_IF_ERROR(RemoveFile(pending->path()));  // of an attempt that was cut off
    return pending;
  }

  absl::StatusOr<std::unique_ptr<ArtifactReader>> Open(const std::string& key) override {
    OVI_RETURN_IF_ERROR(CheckArtifactKey(key));
    OVI_ASSIGN_OR_RETURN(PosixFile file, PosixFile::OpenToRead(folder_ + "/" + key));
    return std::make_unique<FileReader>(std::move(file));
  }

  absl::Status Delete(const std::string& key) override {
    OVI_RETURN_IF_ERROR(CheckArtifactKey(key));
    return RemoveFile(folder_ + "/" + key);
  }

 private:
  const std::string folder_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ArtifactStore>> OpenDirectoryStore(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path root = fs::absolute(folder, error).lexically_normal();
  const fs::path incoming = root / "incoming";
  fs::remove_all(incoming, error);
  if (!error) fs::create_directories(incoming, error);
  if (error) return ErrnoStatus(error.value(), "create " + incoming.string());
  fs::permissions(root, fs::perms::owner_all, error);
  if (access(incoming.c_str(), W_OK | X_OK) != 0) return ErrnoStatus(errno, "write to " + incoming.string());
  std::string name = root.string();
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  return std::make_unique<DirectoryStore>(std::move(name));
}

}  // namespace ovi
