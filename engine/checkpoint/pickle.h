// A pickle reader that can only build data: numbers, text, containers and torch tensors. It calls nothing. A pickle
// that names any callable outside a short list is refused with that name. Format: Python's Lib/pickletools.py
// (opcodes); torch/_utils.py (_rebuild_tensor_v2, _rebuild_parameter).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/checkpoint/tensor_file.h"

namespace ovi {

// A tensor as the pickle describes it: a strided view into a storage record of the archive.
struct PickledTensor {
  std::string storage_key;  // record "<archive>/data/<key>"
  at::ScalarType dtype = at::kFloat;
  int64_t offset = 0;  // elements
  std::vector<int64_t> shape, strides;
};

// Every tensor of a pickled dictionary, nested keys joined by '.'. Entries that are no tensors (an epoch, a config) are
// passed over. InvalidArgument names what was found and where; it does not name the file.
absl::StatusOr<std::map<std::string, PickledTensor>> ReadPickledTensors(std::string_view pickle);

}  // namespace ovi
