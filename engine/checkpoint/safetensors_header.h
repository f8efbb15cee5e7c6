// The header of a safetensors file, checked before anything believes it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "engine/checkpoint/tensor_file.h"

namespace ovi {

struct StoredTensor {
  TensorInfo info;
  uint64_t begin = 0, end = 0;  // bytes, from the start of the data section
};

// `data_bytes` is what the file holds after the header. Every byte of it must belong to exactly one tensor.
// InvalidArgument names the tensor, the value and what was expected; it does not name the file.
absl::StatusOr<std::map<std::string, StoredTensor>> ParseSafetensorsHeader(const std::string& json,
                                                                           uint64_t data_bytes);

// "F32" for at::kFloat; empty for a type the format does not know.
std::string SafetensorsTypeName(at::ScalarType type);

// How a file begins whose data section holds these tensors one after another, in the order of their names: the header's
// length and the header, padded so that the data begins at a multiple of 8. InvalidArgument: a dtype that the format
// does not know.
absl::StatusOr<std::string> MakeSafetensorsHeader(const std::map<std::string, TensorInfo>& tensors);

}  // namespace ovi
