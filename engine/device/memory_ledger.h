// The memory record of a device: what its allocator holds now, and the most it held between two named points.
//
// CUDA and ROCm: the caching allocator's own counters, through LibTorch's device-neutral interface. Beside them, as
// they are told and never subtracted: what the amdgpu driver counts as used (`system_bytes` and its two parts; 0 on
// NVIDIA, where the operating system does not tell), and total and free of the device's runtime. CPU: the heap's
// counters, and the RSS as `system_bytes`. The heap keeps no peak, the kernel keeps the RSS's: the peak is what is
// allocated now plus how far the RSS has fallen since its highest. That is short by what the heap still keeps for
// itself (reserved - allocated), and it is the process's: one ledger per process.
#pragma once

#include <c10/core/Device.h>

#include "base/mutex.h"
#include "engine/observer.h"

namespace ovi {

// Thread-safe.
class MemoryLedger {
 public:
  // Starts counting peaks: what was allocated before does not show. `budget_bytes` is written into every reading and
  // has no other effect. Throws c10::Error if the device does not start.
  explicit MemoryLedger(c10::Device device, int64_t budget_bytes = 0);

  // A reading with the peak since the previous point, which this one then is.
  MemorySample Point(MemoryPoint point);

  // A reading that changes nothing: `point` is the last one passed, the peak is since then.
  MemorySample Now() const;

  // Gives back to the system what the allocator keeps for later. Waits for the device; throws c10::Error if that fails.
  void ReleaseCaches();

 private:
  MemorySample Read() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ResetPeak() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const c10::Device device_;
  const int64_t budget_bytes_;
  mutable Mutex mutex_;
  MemoryPoint point_ ABSL_GUARDED_BY(mutex_) = MemoryPoint::kLoaded;
  bool resident_peak_is_ours_ ABSL_GUARDED_BY(mutex_) = false;  // CPU: the kernel let us reset it
};

}  // namespace ovi
