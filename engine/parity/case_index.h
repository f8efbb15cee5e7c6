// A folder of golden cases: index.json (format "ovi-goldens/1") and the files it names.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/parity/parity_case.h"

namespace ovi {

// Every case in the index's order, without tensors. NotFound, InvalidArgument name the file and the entry.
absl::StatusOr<std::vector<ParityCase>> LoadCaseIndex(const std::string& folder);

// Fills `inputs` and the values of `expected` from the case's file; a case of another container (JSON, .pt) has none.
// FailedPrecondition: a tensor that the index promises is missing, or the file holds one that the index does not know.
absl::Status LoadCaseTensors(ParityCase& parity_case);

}  // namespace ovi
