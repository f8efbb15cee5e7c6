#include "client/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_format.h"

namespace ovi::client {
namespace {

absl::Status WriteError(const std::string& path) {
  return absl::ResourceExhaustedError(
      absl::StrFormat("%s: cannot be written: %s; nothing is left there", path, std::strerror(errno)));
}

}  // namespace

OutputFile::OutputFile(std::string path, std::string part, std::FILE* file)
    : path_(std::move(path)), part_(std::move(part)), file_(file) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)), part_(std::move(other.part_)), file_(std::exchange(other.file_, nullptr)) {}

OutputFile::~OutputFile() {
  if (file_ == nullptr || file_ == stdout) return;
  std::fclose(file_);
  unlink(part_.c_str());
}

absl::StatusOr<OutputFile> OutputFile::Create(const std::string& path) {
  if (path == "-") return OutputFile(path, "", stdout);
  const std::string part = path + ".part";
  std::FILE* const file = std::fopen(part.c_str(), "wb");
  if (file == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: cannot be created: %s; choose another --output", path, std::strerror(errno)));
  }
  return OutputFile(path, part, file);
}

absl::Status OutputFile::Write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return WriteError(path_);
  return absl::OkStatus();
}

absl::Status OutputFile::Commit() {
  if (std::fflush(file_) != 0) return WriteError(path_);
  if (file_ == stdout) return absl::OkStatus();
  const bool stored = fsync(fileno(file_)) == 0;
  const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
  if (stored && closed && std::rename(part_.c_str(), path_.c_str()) == 0) return absl::OkStatus();
  const absl::Status status = WriteError(path_);
  unlink(part_.c_str());
  return status;
}

}  // namespace ovi::client
