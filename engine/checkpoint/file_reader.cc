#include "engine/checkpoint/file_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

// Large enough to be fast, small enough that a 36 GB file never fills the page cache.
constexpr uint64_t kChunkBytes = uint64_t{16} << 20;

}  // namespace

FileReader::FileReader(std::string path, int descriptor, uint64_t size)
    : path_(std::move(path)), descriptor_(descriptor), size_(size) {}

FileReader::~FileReader() { close(descriptor_); }

absl::StatusOr<std::unique_ptr<FileReader>> FileReader::Open(const std::string& path) {
  // Not blocking, for a FIFO would wait for a writer; it has no effect on files.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    const int error = errno;
    const std::string message = absl::StrFormat("%s: cannot be opened: %s", path, std::strerror(error));
    if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
    return absl::PermissionDeniedError(message);
  }
  struct stat status = {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(descriptor);
    return absl::InvalidArgumentError(absl::StrFormat("%s: is not a regular file; name a tensor file", path));
  }
  return std::unique_ptr<FileReader>(new FileReader(path, descriptor, static_cast<uint64_t>(status.st_size)));
}

absl::Status FileReader::Read(uint64_t offset, uint64_t bytes, void* out) const {
  if (bytes > size_ || offset > size_ - bytes) {
    return absl::DataLossError(absl::StrFormat(
        "%s: %d bytes at offset %d lie beyond the file's end at %d: copy it again", path_, bytes, offset, size_));
  }
  char* cursor = static_cast<char*>(out);
  while (bytes > 0) {
    const ssize_t got = pread(descriptor_, cursor, std::min(bytes, kChunkBytes), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      return absl::DataLossError(absl::StrFormat("%s: read failed at offset %d: %s", path_, offset,
                                                 got == 0 ? "the file was cut" : std::strerror(errno)));
    }
    posix_fadvise(descriptor_, static_cast<off_t>(offset), got, POSIX_FADV_DONTNEED);
    cursor += got;
    offset += static_cast<uint64_t>(got);
    bytes -= static_cast<uint64_t>(got);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> FileReader::Read(uint64_t offset, uint64_t bytes) const {
  if (bytes > size_) return Read(offset, bytes, nullptr);
  std::string out(bytes, '\0');
  if (absl::Status status = Read(offset, bytes, out.data()); !status.ok()) return status;
  return out;
}

}  // namespace ovi
