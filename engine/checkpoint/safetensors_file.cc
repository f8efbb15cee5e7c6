#include "engine/checkpoint/safetensors_file.h"

#include <ATen/ops/empty.h>

#include <bit>
#include <cstring>
#include <fstream>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/safetensors_header.h"

namespace ovi {
namespace {

static_assert(std::endian::native == std::endian::little, "both containers hold little-endian numbers");

constexpr uint64_t kLengthBytes = 8;
// The format allows 100 MB; Ovi's 2,073 tensors take 0.3 MB, and parsed JSON is some twenty times its text.
constexpr uint64_t kMaxHeaderBytes = uint64_t{32} << 20;

class SafetensorsFile final : public TensorFile {
 public:
  SafetensorsFile(std::unique_ptr<FileReader> reader, std::map<std::string, StoredTensor> stored, uint64_t data_begin)
      : reader_(std::move(reader)), stored_(std::move(stored)), data_begin_(data_begin) {
    for (const auto& [name, tensor] : stored_) tensors_.emplace(name, tensor.info);
  }

  const std::string& path() const override { return reader_->path(); }
  const std::map<std::string, TensorInfo>& tensors() const override { return tensors_; }

  absl::StatusOr<at::Tensor> Read(const std::string& name) const override {
    const auto found = stored_.find(name);
    if (found == stored_.end()) return absl::NotFoundError(absl::StrFormat("%s: no tensor %s", path(), name));
    const StoredTensor& stored = found->second;
    at::Tensor tensor = at::empty(stored.info.shape, stored.info.dtype);
    OVI_RETURN_IF_ERROR(reader_->Read(data_begin_ + stored.begin, stored.end - stored.begin, tensor.data_ptr()));
    return tensor;
  }

  std::optional<StoredBytes> Stored(const std::string& name) const override {
    const auto found = stored_.find(name);
    if (found == stored_.end()) return std::nullopt;
    const StoredTensor& stored = found->second;
    return StoredBytes{reader_.get(), data_begin_ + stored.begin, stored.end - stored.begin};
  }

 private:
  const std::unique_ptr<FileReader> reader_;
  const std::map<std::string, StoredTensor> stored_;
  const uint64_t data_begin_;
  std::map<std::string, TensorInfo> tensors_;
};

absl::Status Named(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrFormat("%s: %s", path, std::string(status.message())));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const TensorFile>> OpenSafetensors(std::unique_ptr<FileReader> reader) {
  uint64_t header_bytes = 0;
  OVI_RETURN_IF_ERROR(reader->Read(0, kLengthBytes, &header_bytes));
  if (header_bytes > kMaxHeaderBytes || header_bytes > reader->size() - kLengthBytes) {
    return absl::InvalidArgumentError(
        absl::StrFormat("%s: its header claims %d bytes, the file has %d: cut, or not a safetensors file",
                        reader->path(), header_bytes, reader->size()));
  }
  OVI_ASSIGN_OR_RETURN(const std::string header, reader->Read(kLengthBytes, header_bytes));
  const uint64_t data_begin = kLengthBytes + header_bytes;
  auto stored = ParseSafetensorsHeader(header, reader->size() - data_begin);
  if (!stored.ok()) return Named(reader->path(), stored.status());
  return std::shared_ptr<const TensorFile>(
      std::make_shared<SafetensorsFile>(std::move(reader), *std::move(stored), data_begin));
}

}  // namespace ovi
