#include "engine/device/memory_view.h"

#include <ATen/Context.h>
#include <ATen/ops/zeros.h>
#include <c10/core/CachingDeviceAllocator.h>

#include "absl/strings/str_format.h"
#include "engine/device/device.h"
#include "engine/device/memory_ledger.h"

namespace ovi {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

double Gib(int64_t bytes) { return static_cast<double>(bytes) / 0x1p30; }

}  // namespace

MemoryView ViewMemory(c10::Device device) {
  MemoryView view = {.asked = (device.is_cpu() ? 64 : 256) * kMiB};
  const MemoryLedger ledger(device);
  if (!device.is_cpu()) {
    const auto [free, total] = at::getDeviceAllocator(device.type())->getMemoryInfo(device.index());
    view.runtime_free = static_cast<int64_t>(free);
    view.runtime_total = static_cast<int64_t>(total);
  }
  const MemorySample before = ledger.Now();
  const at::Tensor block = at::zeros({view.asked}, at::device(device).dtype(at::kByte)).add_(1);  // touched: resident
  Synchronize(device);
  const MemorySample after = ledger.Now();
  view.allocator_grew = after.allocated_bytes - before.allocated_bytes;
  view.system_grew = after.system_bytes - before.system_bytes;
  view.system_used = after.system_bytes;
  return view;
}

absl::StatusOr<std::string> JudgeMemory(const MemoryView& view) {
  std::string text = absl::StrFormat("allocator counts %d MiB of %d", view.allocator_grew / kMiB, view.asked / kMiB);
  // A little more is its rounding, and other threads of this process.
  if (view.allocator_grew < view.asked || view.allocator_grew > view.asked + view.asked / 4) {
    return absl::InternalError(absl::StrFormat("%s: the ledger and the budget cannot be trusted here", text));
  }
  if (view.system_used > 0) {
    text += absl::StrFormat("; system counts %d MiB of them, %.2f GiB in all", view.system_grew / kMiB,
                            Gib(view.system_used));
    if (view.system_grew < view.asked / 2) text += " (blind to this process: go by the allocator)";
  }
  if (view.runtime_total > 0) {
    text += absl::StrFormat("; runtime says %.2f GiB free of %.2f", Gib(view.runtime_free), Gib(view.runtime_total));
    if (view.runtime_free > view.runtime_total) text += " (more than there is: set the budget by hand)";
  }
  return text;
}

}  // namespace ovi
