// What a file holds, for the record of an artifact.
#pragma once

#include "absl/status/status.h"
#include "server/artifacts/artifact_store.h"
#include "server/artifacts/posix_file.h"

namespace ovi {

// Fills in size and SHA-256, reading a megabyte at a time.
absl::Status Measure(const PosixFile& file, StoredArtifact& stored);

}  // namespace ovi
