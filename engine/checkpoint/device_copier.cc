#include "engine/checkpoint/device_copier.h"

#include <ATen/ops/empty.h>
#include <c10/core/Event.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <vector>

#include "absl/status/statusor.h"
#include "engine/guard.h"

namespace ovi {
namespace {

// A CPU copies at once.
class CpuCopier final : public DeviceCopier {
 public:
  at::Tensor Allocate(int64_t bytes) override { return at::empty({bytes}, at::kByte); }
  void Copy(const at::Tensor& staged, const at::Tensor& target, size_t /*slot*/) override { target.copy_(staged); }
  void Wait(size_t /*slot*/) override {}
};

class StreamCopier final : public DeviceCopier {
 public:
  StreamCopier(c10::Device device, size_t slots) : device_(device), guard_(device.type()) {
    for (size_t i = 0; i < slots; ++i) copied_.emplace_back(device.type());
  }

  at::Tensor Allocate(int64_t bytes) override {
    // A system may limit what a process pins. Pageable memory is slower, and right all the same.
    absl::StatusOr<at::Tensor> pinned = Guard("staging", [&]() -> absl::StatusOr<at::Tensor> {
      return at::empty({bytes}, at::TensorOptions().dtype(at::kByte).pinned_memory(true));
    });
    return pinned.ok() ? *std::move(pinned) : at::empty({bytes}, at::kByte);
  }

  void Copy(const at::Tensor& staged, const at::Tensor& target, size_t slot) override {
    target.copy_(staged, /*non_blocking=*/true);
    copied_[slot].record(guard_.getStream(device_));
  }

  void Wait(size_t slot) override {
    if (copied_[slot].was_marked_for_recording()) copied_[slot].synchronize();
  }

 private:
  const c10::Device device_;
  const c10::impl::VirtualGuardImpl guard_;
  std::vector<c10::Event> copied_;
};

}  // namespace

std::unique_ptr<DeviceCopier> MakeDeviceCopier(c10::Device device, size_t slots) {
  if (device.is_cpu()) return std::make_unique<CpuCopier>();
  return std::make_unique<StreamCopier>(device, slots);
}

}  // namespace ovi
