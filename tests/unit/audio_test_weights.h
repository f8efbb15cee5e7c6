// Weights that live in memory, for networks of any size.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "engine/checkpoint/tensor_file.h"
#include "engine/checkpoint/weights.h"

namespace ovi {

class MemoryTensorFile final : public TensorFile {
 public:
  explicit MemoryTensorFile(std::map<std::string, at::Tensor> values) : values_(std::move(values)) {
    for (const auto& [name, value] : values_) infos_[name] = {value.scalar_type(), value.sizes().vec()};
  }
  const std::string& path() const override { return path_; }
  const std::map<std::string, TensorInfo>& tensors() const override { return infos_; }
  absl::StatusOr<at::Tensor> Read(const std::string& name) const override {
    const auto found = values_.find(name);
    if (found == values_.end()) return absl::NotFoundError(absl::StrFormat("no tensor %s", name));
    return found->second;
  }

 private:
  std::string path_ = "memory";
  std::map<std::string, at::Tensor> values_;
  std::map<std::string, TensorInfo> infos_;
};

inline Weights WeightsFrom(std::map<std::string, at::Tensor> values, const Placement& placement = {}) {
  return Weights(std::make_shared<MemoryTensorFile>(std::move(values)), placement);
}

}  // namespace ovi
