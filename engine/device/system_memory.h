// The driver's own count of an AMD device's memory, which unified-memory machines keep apart from every process's RSS.
#pragma once

#include <cstdint>
#include <string>

namespace ovi {

// Bytes in use by anybody: `vram` is the device's own memory (a carve-out where it has none), `gtt` the machine's
// memory lent to it. Models of an APU lie in GTT.
struct AmdGpuMemory {
  int64_t vram = 0, gtt = 0;
};

// Of every amdgpu device of the machine together, as sysfs tells; zeros where there is none. `drm_folder` is another
// folder in tests only.
AmdGpuMemory ReadAmdGpuMemory(const std::string& drm_folder = "/sys/class/drm");

}  // namespace ovi
