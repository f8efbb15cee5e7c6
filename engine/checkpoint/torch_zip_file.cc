#include "engine/checkpoint/torch_zip_file.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "engine/checkpoint/pickle.h"
#include "engine/checkpoint/tensor_bytes.h"
#include "engine/checkpoint/zip_directory.h"

namespace ovi {
namespace {

constexpr uint64_t kMaxPickleBytes = uint64_t{64} << 20;  // 2,000 tensors take 0.3 MB
constexpr std::string_view kWrappers[] = {"state_dict.", "app.model.", "model.", "generator.", "module."};

using Pickled = std::map<std::string, PickledTensor>;

// What lies under the first wrapper that is there, without its prefix; wrappers may be nested, and a flat prefix counts
// too (data-parallel training writes "module.x"). What lies beside it, an optimizer's state say, is left out: no tensor
// of the networks begins with one of these words.
Pickled Unwrap(Pickled tensors) {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view wrapper : kWrappers) {
      Pickled inner;
      for (const auto& [name, tensor] : tensors) {
        if (name.rfind(wrapper, 0) == 0) inner.emplace(name.substr(wrapper.size()), tensor);
      }
      if (inner.empty()) continue;
      tensors = std::move(inner);
      again = true;
      break;
    }
  }
  return tensors;
}

// One past the last element that the view touches; nullopt on overflow.
std::optional<uint64_t> Extent(const PickledTensor& tensor) {
  auto extent = static_cast<uint64_t>(tensor.offset);
  for (size_t i = 0; i < tensor.shape.size(); ++i) {
    if (tensor.shape[i] == 0) return 0;
    const auto reach =
        CheckedProduct(static_cast<uint64_t>(tensor.shape[i] - 1), static_cast<uint64_t>(tensor.strides[i]));
    if (!reach || *reach > (uint64_t{1} << 62) || extent > (uint64_t{1} << 62)) return std::nullopt;
    extent += *reach;
  }
  return extent + 1;
}

// Whether the view's elements lie one after another. A side of 1 is never stepped along, whatever its stride.
bool IsContiguous(const PickledTensor& tensor) {
  int64_t expected = 1;  // no overflow: the view was checked against its storage
  for (size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] == 1) continue;
    if (tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

class TorchZipFile final : public TensorFile {
 public:
  TorchZipFile(std::unique_ptr<FileReader> reader, std::map<std::string, ZipRecord> storages, Pickled pickled)
      : reader_(std::move(reader)), storages_(std::move(storages)), pickled_(std::move(pickled)) {
    for (const auto& [name, tensor] : pickled_) tensors_.emplace(name, TensorInfo{tensor.dtype, tensor.shape});
  }

  const std::string& path() const override { return reader_->path(); }
  const std::map<std::string, TensorInfo>& tensors() const override { return tensors_; }

  absl::StatusOr<at::Tensor> Read(const std::string& name) const override {
    const auto found = pickled_.find(name);
    if (found == pickled_.end()) return absl::NotFoundError(absl::StrFormat("%s: no tensor %s", path(), name));
    const PickledTensor& tensor = found->second;
    const uint64_t extent = *Extent(tensor);  // checked against the record when the file was opened
    if (extent == 0) return at::empty(tensor.shape, tensor.dtype);
    // Only the span that the view covers: many tensors may share one large storage.
    const auto offset = static_cast<uint64_t>(tensor.offset),
               element = static_cast<uint64_t>(c10::elementSize(tensor.dtype));
    at::Tensor span = at::empty({static_cast<int64_t>(extent - offset)}, tensor.dtype);
    OVI_RETURN_IF_ERROR(reader_->Read(storages_.at(tensor.storage_key).offset + offset * element,
                                      (extent - offset) * element, span.data_ptr()));
    return span.as_strided(tensor.shape, tensor.strides).contiguous();
  }

  std::optional<StoredBytes> Stored(const std::string& name) const override {
    const auto found = pickled_.find(name);
    if (found == pickled_.end() || !IsContiguous(found->second)) return std::nullopt;
    const PickledTensor& tensor = found->second;
    const uint64_t bytes = *BytesOf({tensor.dtype, tensor.shape});  // checked when the file was opened
    const auto element = static_cast<uint64_t>(c10::elementSize(tensor.dtype));
    const uint64_t begin = storages_.at(tensor.storage_key).offset + static_cast<uint64_t>(tensor.offset) * element;
    return StoredBytes{reader_.get(), begin, bytes};
  }

 private:
  const std::unique_ptr<FileReader> reader_;
  const std::map<std::string, ZipRecord> storages_;
  const Pickled pickled_;
  std::map<std::string, TensorInfo> tensors_;
};

absl::Status CheckTensor(const std::string& name, const PickledTensor& tensor,
                         const std::map<std::string, ZipRecord>& storages) {
  const auto storage = storages.find(tensor.storage_key);
  if (storage == storages.end()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("tensor %s: its storage %s is not in the archive", name, tensor.storage_key));
  }
  const std::optional<uint64_t> extent = Extent(tensor);
  const auto element = static_cast<uint64_t>(c10::elementSize(tensor.dtype));
  if (!extent || *extent > storage->second.bytes / element || !BytesOf({tensor.dtype, tensor.shape})) {
    return absl::InvalidArgumentError(absl::StrFormat("tensor %s: its view reaches beyond the %d bytes of storage %s",
                                                      name, storage->second.bytes, tensor.storage_key));
  }
  // Strides of 0 would let a small file ask for a huge tensor; torch.save never writes them for a state dict.
  if (*BytesOf({tensor.dtype, tensor.shape}) > storage->second.bytes) {
    return absl::InvalidArgumentError(
        absl::StrFormat("tensor %s: it is larger than its storage %s", name, tensor.storage_key));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const TensorFile>> OpenTorchZip(std::unique_ptr<FileReader> reader) {
  const std::string path = reader->path();
  const auto bad = [&](const std::string& what) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: %s", path, what));
  };
  OVI_ASSIGN_OR_RETURN(const auto records, ReadZipDirectory(*reader));
  const auto is_pickle = [](const auto& record) { return absl::EndsWith(record.first, "/data.pkl"); };
  const auto pickle = std::find_if(records.begin(), records.end(), is_pickle);
  if (pickle == records.end()) return bad("a ZIP archive without data.pkl; save it with torch.save");
  if (std::count_if(records.begin(), records.end(), is_pickle) > 1) {
    return bad("an archive with more than one data.pkl; save it with torch.save");
  }
  if (pickle->second.bytes > kMaxPickleBytes) return bad("its pickle is too large for a checkpoint");
  const std::string folder = pickle->first.substr(0, pickle->first.size() - std::string_view("data.pkl").size());
  if (const auto order = records.find(folder + "byteorder"); order != records.end()) {
    OVI_ASSIGN_OR_RETURN(const std::string text,
                         reader->Read(order->second.offset, std::min<uint64_t>(order->second.bytes, 16)));
    if (text != "little") return bad("was saved on a big-endian machine; save it again on a little-endian one");
  }
  OVI_ASSIGN_OR_RETURN(const std::string bytes, reader->Read(pickle->second.offset, pickle->second.bytes));
  absl::StatusOr<Pickled> pickled = ReadPickledTensors(bytes);
  if (!pickled.ok()) return bad(std::string(pickled.status().message()));
  Pickled tensors = Unwrap(*std::move(pickled));
  std::map<std::string, ZipRecord> storages;
  const std::string data = folder + "data/";
  for (const auto& [name, record] : records) {
    if (name.rfind(data, 0) == 0) storages.emplace(name.substr(data.size()), record);
  }
  for (const auto& [name, tensor] : tensors) {
    if (absl::Status status = CheckTensor(name, tensor, storages); !status.ok())
      return bad(std::string(status.message()));
  }
  return std::shared_ptr<const TensorFile>(
      std::make_shared<TorchZipFile>(std::move(reader), std::move(storages), std::move(tensors)));
}

}  // namespace ovi
