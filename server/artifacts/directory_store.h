// Artifacts in a folder of the local disk:
//
//   DIR/incoming/PROCESS/KEY   being written; what a dead process left is removed at start and by the janitor
//   DIR/KEY                    whole, readable by its owner alone
//
// Several servers may share a folder. Commit flushes the file, renames it and flushes the folder, so that after a power
// cut a visible file is a whole file.
#pragma once

#include <memory>
#include <string>

#include "server/artifacts/artifact_store.h"

namespace ovi {

// Creates the folder if need be. PermissionDenied or Internal, naming the folder, if it cannot be written to.
absl::StatusOr<std::unique_ptr<ArtifactStore>> OpenDirectoryStore(const std::string& folder);

}  // namespace ovi
