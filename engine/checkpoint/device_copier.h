// How bytes get from host memory onto a device while the host goes on. Private to engine/checkpoint.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstddef>
#include <memory>

namespace ovi {

// For one thread. LibTorch exceptions are let through.
class DeviceCopier {
 public:
  virtual ~DeviceCopier() = default;

  // Host memory to copy from, uint8 [bytes].
  virtual at::Tensor Allocate(int64_t bytes) = 0;
  // Begins to copy `staged` into `target`, of the same size on the device. Until Wait(slot) returns, nobody may write
  // to `staged`. Whatever is queued on the device's current stream later finds the copy done.
  virtual void Copy(const at::Tensor& staged, const at::Tensor& target, size_t slot) = 0;
  // Waits for the last copy of `slot`, if there was one.
  virtual void Wait(size_t slot) = 0;
};

// Copies on the current stream of `device`, from pinned memory where the system gives any. Slots are 0 to `slots` - 1.
std::unique_ptr<DeviceCopier> MakeDeviceCopier(c10::Device device, size_t slots);

}  // namespace ovi
