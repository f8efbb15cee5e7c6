#include "server/artifacts/measure.h"

#include <string>

#include "base/status_macros.h"
#include "server/artifacts/sha256.h"

namespace ovi {

absl::Status Measure(const PosixFile& file, StoredArtifact& stored) {
  constexpr int64_t kReadBytes = 1 << 20;
  Sha256 sha256;
  stored.size_bytes = 0;
  while (true) {
    OVI_ASSIGN_OR_RETURN(const std::string bytes, file.Read(stored.size_bytes, kReadBytes));
    if (bytes.empty()) break;
    sha256.Add(bytes);
    stored.size_bytes += static_cast<int64_t>(bytes.size());
  }
  stored.sha256 = sha256.Finish();
  return absl::OkStatus();
}

}  // namespace ovi
