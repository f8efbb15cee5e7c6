// The rule for keys of artifacts, the same for every store.
#pragma once

#include <string>

#include "absl/status/status.h"

namespace ovi {

// Keys come from job ids; this holds should that ever change. Internal for what could leave the store's folder.
absl::Status CheckArtifactKey(const std::string& key);

}  // namespace ovi
