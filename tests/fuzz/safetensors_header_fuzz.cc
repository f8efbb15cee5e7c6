// The header of a safetensors file: eight bytes that say how much data would follow, then the JSON.
#include <cstring>

#include "engine/checkpoint/safetensors_header.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  uint64_t data_bytes = 0;
  if (size < sizeof(data_bytes)) return -1;
  std::memcpy(&data_bytes, data, sizeof(data_bytes));
  const std::string json(reinterpret_cast<const char*>(data) + sizeof(data_bytes), size - sizeof(data_bytes));
  const auto tensors = ovi::ParseSafetensorsHeader(json, data_bytes);
  if (!tensors.ok()) return 0;
  uint64_t sum = 0;
  std::map<std::string, ovi::TensorInfo> infos;
  for (const auto& [name, tensor] : *tensors) {
    ovi::Require(tensor.begin <= tensor.end && tensor.end <= data_bytes, "a tensor lies in the data");
    sum += tensor.end - tensor.begin;
    infos.emplace(name, tensor.info);
  }
  ovi::Require(sum == data_bytes, "every byte belongs to one tensor");
  ovi::Require(ovi::MakeSafetensorsHeader(infos).ok(), "what is read can be written");
  return 0;
}
