// How a checkpoint file of known tensors is laid out, before any of its values exist: their places, which whoever makes
// the values fills in any order, and the container's own bytes around them, which may depend on the values' checksums.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/checkpoint/weights.h"

namespace ovi {

struct TensorPlace {
  std::string name;
  std::vector<int64_t> shape;
  int64_t numel = 0;
  uint64_t offset = 0, bytes = 0;  // in the file
};

struct Fragment {
  uint64_t offset = 0;
  std::string bytes;
};

struct FileLayout {
  at::ScalarType dtype = at::kFloat;      // of every tensor
  std::vector<TensorPlace> tensors = {};  // one behind the other
  uint64_t bytes = 0;                     // of the whole file
  // Everything that is no tensor, from the CRC-32 of each tensor's bytes in the order of `tensors`.
  std::function<std::vector<Fragment>(const std::vector<uint32_t>& checksums)> container = nullptr;
};

// InvalidArgument: a dtype that the format does not know.
absl::StatusOr<FileLayout> SafetensorsLayout(const TensorShapes& shapes, at::ScalarType dtype);

// As torch.save writes a state dictionary of float32 or bfloat16 tensors, in a dictionary under `wrapper` if that is
// not empty. InvalidArgument: another dtype.
absl::StatusOr<FileLayout> TorchZipLayout(const TensorShapes& shapes, at::ScalarType dtype, const std::string& wrapper);

// By the end of the name: safetensors, or else a torch zip archive.
absl::StatusOr<FileLayout> LayoutFor(std::string_view path, const TensorShapes& shapes, at::ScalarType dtype,
                                     const std::string& wrapper);

// Without a place yet.
TensorPlace PlaceOf(const std::string& name, const std::vector<int64_t>& shape, at::ScalarType dtype);

}  // namespace ovi
