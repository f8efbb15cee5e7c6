#include "engine/checkpoint/tensor_file.h"

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/file_reader.h"
#include "engine/checkpoint/safetensors_file.h"
#include "engine/checkpoint/torch_zip_file.h"

namespace ovi {

absl::StatusOr<std::shared_ptr<const TensorFile>> OpenTensorFile(const std::string& path) {
  OVI_ASSIGN_OR_RETURN(std::unique_ptr<FileReader> reader, FileReader::Open(path));
  constexpr uint64_t kMagicBytes = 10;
  if (reader->size() < kMagicBytes) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: has %d bytes; a .safetensors or torch zip file was expected", path, reader->size()));
  }
  OVI_ASSIGN_OR_RETURN(const std::string magic, reader->Read(0, kMagicBytes));
  if (absl::StartsWith(magic, "PK\x03\x04")) return OpenTorchZip(std::move(reader));
  if (magic[8] == '{') return OpenSafetensors(std::move(reader));
  if (magic[0] == '\x80') {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: is a bare pickle (torch before 1.6), which is not read; save it again with torch.save", path));
  }
  return absl::InvalidArgumentError(
      absl::StrFormat("%s: is neither a .safetensors file nor a torch zip checkpoint", path));
}

}  // namespace ovi
