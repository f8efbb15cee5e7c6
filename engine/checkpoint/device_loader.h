// Large tensors from a file onto a device, without ever being whole in host memory: several threads read parts into a
// ring of staging buffers, from which the device copies on its own while the next parts are read. One thread that reads
// and copies in turn, out of pageable memory, uses a fraction of what disk and bus can carry.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/checkpoint/device_copier.h"
#include "engine/checkpoint/reader_pool.h"
#include "engine/checkpoint/tensor_file.h"

namespace ovi {

struct StagingOptions {
  size_t buffers = 32;
  uint64_t buffer_bytes = uint64_t{4} << 20;    // all buffers: what loading takes of host memory, 128 MB
  uint64_t smallest_bytes = uint64_t{1} << 20;  // of a part; smaller tensors are read and copied whole
  unsigned threads = 0;                         // that read; 0: every core, at most 16
};

// For one thread.
class DeviceLoader {
 public:
  explicit DeviceLoader(c10::Device device, const StagingOptions& options = {});
  // With another way to copy, for tests.
  DeviceLoader(c10::Device device, const StagingOptions& options, std::unique_ptr<DeviceCopier> copier);

  // What file.Read(name) gives, but on the device. Everything has been read when it returns, and what is queued on the
  // device's current stream from then on finds it there. Errors as TensorFile::Read's; after a LibTorch exception the
  // loader is of no more use.
  absl::StatusOr<at::Tensor> Load(const TensorFile& file, const std::string& name);

 private:
  struct Part {
    uint64_t begin = 0, bytes = 0;
  };
  // `target`: uint8 [from.bytes] on the device.
  absl::Status Stream(const StoredBytes& from, const at::Tensor& target);

  const c10::Device device_;
  const StagingOptions options_;
  const unsigned threads_;
  const std::unique_ptr<DeviceCopier> copier_;
  std::vector<at::Tensor> buffers_;
  std::vector<Part> parts_;  // what is being read into each buffer
  std::deque<size_t> idle_;  // buffers that nobody reads into, the one whose copy began first in front
  ReaderPool readers_;       // last: gone before the memory that they write to
};

}  // namespace ovi
