#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_format.h"
#include "engine/checkpoint/safetensors_header.h"
#include "engine/checkpoint/tensor_file.h"

namespace ovi {

absl::Status WriteSafetensors(const std::string& path, const std::map<std::string, at::Tensor>& tensors) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  uint64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::string type = SafetensorsTypeName(tensor.scalar_type());
    if (type.empty())
      return absl::InvalidArgumentError(absl::StrFormat("tensor %s has a type that safetensors does not know", name));
    const uint64_t end = offset + static_cast<uint64_t>(tensor.numel()) * static_cast<uint64_t>(tensor.element_size());
    header[name] = {{"dtype", type}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // the format aligns its data to 8 bytes
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  const uint64_t length = text.size();
  out.write(reinterpret_cast<const char*>(&length), sizeof(length));
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor bytes = tensor.cpu().contiguous();
    out.write(static_cast<const char*>(bytes.data_ptr()), static_cast<std::streamsize>(bytes.nbytes()));
  }
  out.flush();
  if (!out) return absl::ResourceExhaustedError(absl::StrFormat("%s: could not be written; is the disk full?", path));
  return absl::OkStatus();
}

}  // namespace ovi
