// All tensors of a file as float32, by name: what the rivals are built from.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "engine/checkpoint/tensor_file.h"

namespace ovi::bench {

using PlainWeights = std::map<std::string, at::Tensor>;

inline absl::StatusOr<PlainWeights> LoadPlainWeights(const std::string& path) {
  OVI_ASSIGN_OR_RETURN(const std::shared_ptr<const TensorFile> file, OpenTensorFile(path));
  PlainWeights weights;
  for (const auto& [name, info] : file->tensors()) {
    OVI_ASSIGN_OR_RETURN(const at::Tensor tensor, file->Read(name));
    weights[name] = tensor.to(at::kFloat);
  }
  return weights;
}

}  // namespace ovi::bench
