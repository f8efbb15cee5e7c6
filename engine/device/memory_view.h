// Do the counters of this machine's memory agree about one block that we know the size of?
//
// On unified memory they often do not: free above total, sysfs blind to what the runtime allocates. The allocator's own
// counters are what the ledger and the budget go by, so those have to be right; the others are only shown.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace ovi {

// Bytes. What grew, grew by the block; 0 where nobody tells.
struct MemoryView {
  int64_t asked = 0;                            // the size of the block
  int64_t allocator_grew = 0;                   // what MemoryLedger goes by
  int64_t system_grew = 0, system_used = 0;     // amdgpu's sysfs; on the CPU the RSS
  int64_t runtime_free = 0, runtime_total = 0;  // what the device's runtime says before the block is there
};

// Holds a block on the device for a moment. Throws c10::Error if it cannot be had.
MemoryView ViewMemory(c10::Device device);

// "allocator counts 256 MiB of 256; ...", disagreements of the others in words. Internal where the allocator is wrong.
absl::StatusOr<std::string> JudgeMemory(const MemoryView& view);

}  // namespace ovi
