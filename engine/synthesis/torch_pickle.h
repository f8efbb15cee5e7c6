// The data.pkl of a torch checkpoint: what torch.save pickles for a state dictionary.
#pragma once

#include <c10/core/ScalarType.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/synthesis/file_layout.h"

namespace ovi {

// Pickle protocol 2 of a dictionary of contiguous tensors, the i-th in the storage named i; in a dictionary under
// `wrapper` if that is not empty. InvalidArgument: a dtype other than float32 and bfloat16.
absl::StatusOr<std::string> PickleStateDict(const std::vector<TensorPlace>& tensors, at::ScalarType dtype,
                                            const std::string& wrapper);

}  // namespace ovi
