// Files for the tests of engine/checkpoint: a folder of their own, and a safetensors file written byte by byte.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_format.h"

namespace ovi {

// Removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "ovi-checkpoint-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  // The path of the new file.
  std::string Write(const std::string& name, const std::string& bytes) const {
    const std::filesystem::path path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }

 private:
  std::filesystem::path path_;
};

// `stated` replaces the true length of the header.
inline std::string SafetensorsBytes(const std::string& header, size_t data_bytes, uint64_t stated = 0) {
  const uint64_t length = stated != 0 ? stated : header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof(length)) + header + std::string(data_bytes, '\0');
}

inline std::string Fixture(const std::string& name) {
  return absl::StrFormat("%s/tests/data/checkpoint/%s", OVI_SOURCE_DIR, name);
}

}  // namespace ovi
