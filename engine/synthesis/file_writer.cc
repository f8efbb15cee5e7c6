#include "engine/synthesis/file_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_format.h"

namespace ovi {

FileWriter::~FileWriter() { close(descriptor_); }

absl::StatusOr<std::unique_ptr<FileWriter>> FileWriter::Create(const std::string& path) {
  std::error_code ignored;  // the file itself then says what is wrong
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor >= 0) return std::unique_ptr<FileWriter>(new FileWriter(path, descriptor));
  const int error = errno;
  if (error == EEXIST) return absl::AlreadyExistsError(absl::StrFormat("%s exists; name another place", path));
  return absl::PermissionDeniedError(absl::StrFormat("%s: cannot be made: %s", path, std::strerror(error)));
}

absl::Status FileWriter::Write(uint64_t offset, const void* data, uint64_t bytes) const {
  const char* cursor = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t put = pwrite(descriptor_, cursor, bytes, static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return Failed(errno);
    cursor += put;
    offset += static_cast<uint64_t>(put);
    bytes -= static_cast<uint64_t>(put);
  }
  return absl::OkStatus();
}

absl::Status FileWriter::Finish() const { return fsync(descriptor_) == 0 ? absl::OkStatus() : Failed(errno); }

absl::Status FileWriter::Failed(int error) const {
  return absl::ResourceExhaustedError(
      absl::StrFormat("%s: cannot be written: %s; make room, or name another disk", path_, std::strerror(error)));
}

}  // namespace ovi
