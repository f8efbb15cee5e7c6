// A file of named tensors: .safetensors, or a torch zip checkpoint (.pt, .pth). Nothing stored in it is ever executed,
// and nothing stays mapped: each Read fetches one tensor's bytes with pread.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace ovi {

struct TensorInfo {
  at::ScalarType dtype = at::kFloat;  // as stored: F32, BF16, F16, F8_E4M3, integers
  std::vector<int64_t> shape;
};

class FileReader;

// Where the elements of a tensor lie, one after another, in a file.
struct StoredBytes {
  const FileReader* reader = nullptr;  // lives as long as the TensorFile
  uint64_t offset = 0, bytes = 0;
};

// Immutable; Read may be called from several threads.
class TensorFile {
 public:
  virtual ~TensorFile() = default;
  virtual const std::string& path() const = 0;
  // Every tensor by name, nested dictionaries (state_dict, model, generator, module) already opened.
  virtual const std::map<std::string, TensorInfo>& tensors() const = 0;
  // A contiguous CPU tensor of the stored dtype that owns its bytes. NotFound; DataLoss (the file shrank or is
  // damaged).
  virtual absl::StatusOr<at::Tensor> Read(const std::string& name) const = 0;
  // For who reads a tensor in parts (engine/checkpoint/device_loader.h): the bytes of what Read returns. Nothing where
  // no tensor of that name lies so, but is a view with strides, or not in a file; Read may have it all the same.
  virtual std::optional<StoredBytes> Stored(const std::string& /*name*/) const { return std::nullopt; }
};

// Chooses the reader by the file's first bytes. Errors name the file, what is wrong and at which offset:
// NotFound (no file), InvalidArgument (not a tensor file, damaged header, a pickle that wants to call something).
absl::StatusOr<std::shared_ptr<const TensorFile>> OpenTensorFile(const std::string& path);

// Writes a .safetensors file. Tensors may live on any device; they are stored contiguous, in the order of their names.
absl::Status WriteSafetensors(const std::string& path, const std::map<std::string, at::Tensor>& tensors);

}  // namespace ovi
