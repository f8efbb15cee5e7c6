// The driver's own count of an AMD device's memory, which unified-memory machines keep apart from every process's RSS.
#pragma once

#include <cstdint>
#include <string>

namespace ovi {

// Bytes in use on every amdgpu device of the machine, VRAM and GTT together, as sysfs tells; 0 where there is none.
// `drm_folder` is another folder in tests only.
int64_t AmdGpuUsedBytes(const std::string& drm_folder = "/sys/class/drm");

}  // namespace ovi
