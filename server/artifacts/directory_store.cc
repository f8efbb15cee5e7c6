#include "server/artifacts/directory_store.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/status_macros.h"
#include "server/artifacts/artifact_key.h"
#include "server/artifacts/incoming_folder.h"
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
  PendingFile(std::string folder, const std::string& incoming, std::string key)
      : folder_(std::move(folder)), key_(std::move(key)), path_(incoming + "/" + key_) {}

  ~PendingFile() override {
    if (committed_) return;
    if (const absl::Status removed = RemoveFile(path_); !removed.ok()) {
      log::Warning("an unfinished artifact stays behind: %s", std::string(removed.message()));
    }
  }

  const std::string& path() const override { return path_; }

  absl::StatusOr<StoredArtifact> Commit(const ShouldStop&) override {
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
  DirectoryStore(std::string folder, std::unique_ptr<IncomingFolder> incoming)
      : folder_(std::move(folder)), incoming_(std::move(incoming)) {}

  absl::StatusOr<std::unique_ptr<PendingArtifact>> Begin(const std::string& key, const std::string&) override {
    OVI_RETURN_IF_ERROR(CheckArtifactKey(key));
    auto pending = std::make_unique<PendingFile>(folder_, incoming_->path(), key);
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

  absl::StatusOr<std::vector<ArtifactEntry>> List() override {
    std::vector<ArtifactEntry> entries;
    std::error_code error;
    namespace fs = std::filesystem;
    for (auto each = fs::directory_iterator(folder_, error); !error && each != fs::directory_iterator();
         each.increment(error)) {
      struct stat status = {};
      // One that went meanwhile is not there.
      if (lstat(each->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
      entries.push_back({each->path().filename().string(), status.st_size, absl::TimeFromTimespec(status.st_mtim)});
    }
    if (error) return ErrnoStatus(error.value(), "list " + folder_);
    return entries;
  }

  absl::Status RemoveUnfinished(absl::Time, const std::function<bool(const std::string&)>&) override {
    return IncomingFolder::RemoveDead(folder_ + "/incoming");
  }

  std::optional<int64_t> FreeBytes() const override {
    struct statvfs status = {};
    if (statvfs(folder_.c_str(), &status) != 0) return std::nullopt;
    return static_cast<int64_t>(status.f_bavail * status.f_frsize);
  }

 private:
  const std::string folder_;
  const std::unique_ptr<IncomingFolder> incoming_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ArtifactStore>> OpenDirectoryStore(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path root = fs::absolute(folder, error).lexically_normal();
  std::string name = root.string();
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  const std::string incoming = name + "/incoming";
  OVI_ASSIGN_OR_RETURN(auto own, IncomingFolder::Create(incoming));
  OVI_RETURN_IF_ERROR(IncomingFolder::RemoveDead(incoming));
  fs::permissions(root, fs::perms::owner_all, error);
  return std::make_unique<DirectoryStore>(std::move(name), std::move(own));
}

}  // namespace ovi
