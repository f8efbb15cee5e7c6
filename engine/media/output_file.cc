#include "engine/media/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "engine/media/ffmpeg_status.h"

namespace ovi {

absl::StatusOr<OutputFile> OutputFile::Create(const std::string& path) {
  const int descriptor = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
  if (descriptor < 0) return ErrnoStatus(errno, "creating the clip's file");
  close(descriptor);
  return OutputFile(path);
}

OutputFile::~OutputFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

absl::StatusOr<int64_t> OutputFile::Keep() {
  struct stat status = {};
  if (stat(path_.c_str(), &status) != 0) return ErrnoStatus(errno, "finishing the clip's file");
  path_.clear();
  return status.st_size;
}

}  // namespace ovi
