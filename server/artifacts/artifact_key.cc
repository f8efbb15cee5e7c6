#include "server/artifacts/artifact_key.h"

#include "absl/strings/str_format.h"
#include "base/log.h"

namespace ovi {

absl::Status CheckArtifactKey(const std::string& key) {
  if (!key.empty() && key[0] != '.' && key.find('/') == std::string::npos) return absl::OkStatus();
  return absl::InternalError(absl::StrFormat("'%s' is not a key of an artifact", log::Escaped(key)));
}

}  // namespace ovi
