#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/safetensors_header.h"
#include "engine/checkpoint/tensor_bytes.h"
#include "engine/checkpoint/tensor_file.h"

namespace ovi {

absl::StatusOr<std::string> MakeSafetensorsHeader(const std::map<std::string, TensorInfo>& tensors) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  uint64_t offset = 0;
  for (const auto& [name, info] : tensors) {
    const std::string type = SafetensorsTypeName(info.dtype);
    const std::optional<uint64_t> bytes = BytesOf(info);
    if (type.empty() || !bytes) {
      return absl::InvalidArgumentError(
          absl::StrFormat("tensor %s has a type or a size that safetensors does not know", name));
    }
    header[name] = {{"dtype", type}, {"shape", info.shape}, {"data_offsets", {offset, offset + *bytes}}};
    offset += *bytes;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // the format aligns its data to 8 bytes
  const uint64_t length = text.size();
  return text.insert(0, reinterpret_cast<const char*>(&length), sizeof(length));
}

absl::Status WriteSafetensors(const std::string& path, const std::map<std::string, at::Tensor>& tensors) {
  std::map<std::string, TensorInfo> infos;
  for (const auto& [name, tensor] : tensors) infos[name] = {tensor.scalar_type(), tensor.sizes().vec()};
  OVI_ASSIGN_OR_RETURN(const std::string header, MakeSafetensorsHeader(infos));
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(header.data(), static_cast<std::streamsize>(header.size()));
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor bytes = tensor.cpu().contiguous();
    out.write(static_cast<const char*>(bytes.data_ptr()), static_cast<std::streamsize>(bytes.nbytes()));
  }
  out.flush();
  if (!out) return absl::ResourceExhaustedError(absl::StrFormat("%s: could not be written; is the disk full?", path));
  return absl::OkStatus();
}

}  // namespace ovi
