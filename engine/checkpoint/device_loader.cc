#include "engine/checkpoint/device_loader.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/status_macros.h"

namespace ovi {
namespace {

unsigned ThreadsOf(const StagingOptions& options) {
  constexpr unsigned kMost = 16;  // more do not read faster
  return options.threads > 0 ? options.threads : std::clamp(std::thread::hardware_concurrency(), 1u, kMost);
}

}  // namespace

DeviceLoader::DeviceLoader(c10::Device device, const StagingOptions& options)
    : DeviceLoader(device, options, MakeDeviceCopier(device, options.buffers)) {}

DeviceLoader::DeviceLoader(c10::Device device, const StagingOptions& options, std::unique_ptr<DeviceCopier> copier)
    : device_(device),
      options_(options),
      threads_(ThreadsOf(options)),
      copier_(std::move(copier)),
      parts_(options.buffers),
      readers_(threads_) {
  const auto count = static_cast<int64_t>(options.buffers), bytes = static_cast<int64_t>(options.buffer_bytes);
  const at::Tensor memory = copier_->Allocate(count * bytes);
  for (int64_t i = 0; i < count; ++i) {
    buffers_.push_back(memory.narrow(0, i * bytes, bytes));
    idle_.push_back(static_cast<size_t>(i));
  }
}

absl::StatusOr<at::Tensor> DeviceLoader::Load(const TensorFile& file, const std::string& name) {
  const std::optional<StoredBytes> stored = file.Stored(name);
  if (!stored || stored->bytes < options_.smallest_bytes) {
    OVI_ASSIGN_OR_RETURN(const at::Tensor tensor, file.Read(name));
    return tensor.to(device_);
  }
  const TensorInfo& info = file.tensors().at(name);
  const at::Tensor tensor = at::empty(info.shape, at::device(device_).dtype(info.dtype));
  OVI_RETURN_IF_ERROR(Stream(*stored, tensor.flatten().view(at::kByte)));
  return tensor;
}

absl::Status DeviceLoader::Stream(const StoredBytes& from, const at::Tensor& target) {
  // As many parts as threads, so that all of them read even where a tensor would fit a few buffers.
  const uint64_t share = (from.bytes + threads_ - 1) / threads_;
  const uint64_t part_bytes = std::min(options_.buffer_bytes, std::max(share, options_.smallest_bytes));
  absl::Status status;
  uint64_t begun = 0;
  size_t under_way = 0;
  while (under_way > 0 || (status.ok() && begun < from.bytes)) {
    if (status.ok() && begun < from.bytes && !idle_.empty()) {
      const size_t slot = idle_.front();
      idle_.pop_front();
      copier_->Wait(slot);
      parts_[slot] = {.begin = begun, .bytes = std::min(part_bytes, from.bytes - begun)};
      readers_.Start({.reader = from.reader,
                      .offset = from.offset + begun,
                      .bytes = parts_[slot].bytes,
                      .out = buffers_[slot].mutable_data_ptr(),
                      .tag = slot});
      begun += parts_[slot].bytes;
      ++under_way;
      continue;
    }
    const ReadResult read = readers_.Finish();
    --under_way;
    idle_.push_back(read.tag);
    status.Update(read.status);
    if (!status.ok()) continue;  // the others still write into their buffers
    const auto begin = static_cast<int64_t>(parts_[read.tag].begin),
               bytes = static_cast<int64_t>(parts_[read.tag].bytes);
    copier_->Copy(buffers_[read.tag].narrow(0, 0, bytes), target.narrow(0, begin, bytes), read.tag);
  }
  return status;
}

}  // namespace ovi
