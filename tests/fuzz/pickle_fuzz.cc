// The pickle inside a torch checkpoint, without the archive around it.
#include "engine/checkpoint/pickle.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto tensors = ovi::ReadPickledTensors({reinterpret_cast<const char*>(data), size});
  if (!tensors.ok()) return 0;
  for (const auto& [name, tensor] : *tensors) {
    ovi::Require(tensor.shape.size() == tensor.strides.size(), "each side has its stride");
    ovi::Require(tensor.offset >= 0, "a view begins in its storage");
    for (const int64_t side : tensor.shape) ovi::Require(side >= 0, "no side is negative");
    for (const int64_t stride : tensor.strides) ovi::Require(stride >= 0, "no stride is negative");
  }
  return 0;
}
