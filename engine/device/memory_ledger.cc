#include "engine/device/memory_ledger.h"

#include <ATen/Context.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>

#include "engine/device/device.h"
#include "engine/device/process_memory.h"
#include "engine/device/system_memory.h"

namespace ovi {
namespace {

constexpr auto kAggregate = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);

MemorySample ReadDevice(c10::Device device) {
  c10::DeviceAllocator* const allocator = at::getDeviceAllocator(device.type());
  const c10::CachingDeviceAllocator::DeviceStats stats = allocator->getDeviceStats(device.index());
  const auto [free_bytes, total_bytes] = allocator->getMemoryInfo(device.index());
  const AmdGpuMemory driver = ReadAmdGpuMemory();
  return {.allocated_bytes = stats.allocated_bytes[kAggregate].current,
          .reserved_bytes = stats.reserved_bytes[kAggregate].current,
          .peak_bytes = stats.allocated_bytes[kAggregate].peak,
          .system_bytes = driver.vram + driver.gtt,
          .system_vram_bytes = driver.vram,
          .system_gtt_bytes = driver.gtt,
          .device_total_bytes = static_cast<int64_t>(total_bytes),
          .device_free_bytes = static_cast<int64_t>(free_bytes)};
}

MemorySample ReadProcess(bool resident_peak_is_ours) {
  const ProcessMemory memory = ReadProcessMemory();
  const int64_t fallen = resident_peak_is_ours ? std::max<int64_t>(0, memory.resident_peak - memory.resident) : 0;
  return {.allocated_bytes = memory.heap_allocated,
          .reserved_bytes = memory.heap_reserved,
          .peak_bytes = memory.heap_allocated + fallen,
          .system_bytes = memory.resident};
}

}  // namespace

MemoryLedger::MemoryLedger(c10::Device device, int64_t budget_bytes) : device_(device), budget_bytes_(budget_bytes) {
  // A caching allocator knows no device, and counts nothing, until its runtime has been started.
  if (!device.is_cpu()) at::globalContext().lazyInitDevice(device.type());
  const MutexLock lock(mutex_);
  ResetPeak();
}

MemorySample MemoryLedger::Point(MemoryPoint point) {
  const MutexLock lock(mutex_);
  MemorySample sample = Read();
  sample.point = point_ = point;
  ResetPeak();
  return sample;
}

MemorySample MemoryLedger::Now() const {
  const MutexLock lock(mutex_);
  return Read();
}

void MemoryLedger::ReleaseCaches() {
  if (device_.is_cpu()) return TrimHeap();
  Synchronize(device_);  // what a running kernel uses cannot be given back
  at::getDeviceAllocator(device_.type())->emptyCache();
}

MemorySample MemoryLedger::Read() const {
  MemorySample sample = device_.is_cpu() ? ReadProcess(resident_peak_is_ours_) : ReadDevice(device_);
  sample.point = point_;
  sample.budget_bytes = budget_bytes_;
  return sample;
}

void MemoryLedger::ResetPeak() {
  if (device_.is_cpu()) {
    resident_peak_is_ours_ = ResetResidentPeak();
  } else {
    at::getDeviceAllocator(device_.type())->resetPeakStats(device_.index());
  }
}

}  // namespace ovi
