// ovi-bundle.json: a bundle's numbers and files (docs: bundle format "ovi-bundle/1"). Private to engine/checkpoint.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/checkpoint/config.h"

namespace ovi {

// `text` as a config whose file paths are made absolute against `folder`. Nothing is opened. InvalidArgument names the
// JSON path, the value and what it may be: an unknown key, a wrong type, a value that no network can have.
absl::StatusOr<BundleConfig> ParseManifest(const std::string& text, const std::string& folder);

}  // namespace ovi
