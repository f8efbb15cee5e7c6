#include "server/config/server_uid.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_format.h"
#include "server/artifacts/posix_file.h"
#include "server/jobs/job_id.h"

namespace ovi {

absl::StatusOr<std::string> ServerUid(const std::string& data_dir) {
  const std::string path = data_dir + "/server_uid", drawn_path = path + ".new";
  std::string uid;
  if (std::getline(std::ifstream(path), uid) && !uid.empty()) return uid;
  uid = RandomUuid();
  std::ofstream file(drawn_path);
  file << uid << std::endl;
  if (!file) return ErrnoStatus(errno, absl::StrFormat("write %s", drawn_path));
  // Whole, or not there: two servers must not both be half a name.
  std::error_code error;
  std::filesystem::rename(drawn_path, path, error);
  if (error) return ErrnoStatus(error.value(), absl::StrFormat("write %s", path));
  return uid;
}

}  // namespace ovi
