// A whole checkpoint of either kind: opened, and every tensor read as a server would at its start.
#include "engine/checkpoint/tensor_file.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ovi::MemoryFile bytes(data, size);
  const auto file = ovi::OpenTensorFile(bytes.path());
  if (!file.ok()) return 0;
  for (const auto& [name, info] : (*file)->tensors()) {
    const absl::StatusOr<at::Tensor> tensor = (*file)->Read(name);
    ovi::Require(tensor.ok(), "what was accepted can be read");
    ovi::Require(tensor->sizes() == at::IntArrayRef(info.shape) && tensor->is_contiguous(), "a tensor is as described");
    ovi::Require(tensor->nbytes() <= size, "a tensor is not larger than its file");
    if (const auto stored = (*file)->Stored(name); stored && stored->bytes > 0) {
      ovi::Require(stored->offset + stored->bytes <= size && stored->bytes == tensor->nbytes(),
                   "bytes that are read in parts lie in the file");
    }
  }
  return 0;
}
