#include "engine/device/system_memory.h"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace ovi {

AmdGpuMemory ReadAmdGpuMemory(const std::string& drm_folder) {
  AmdGpuMemory used;
  std::error_code error;  // no such folder: no device
  for (const auto& entry : std::filesystem::directory_iterator(drm_folder, error)) {
    // Connectors (card0-DP-1) lie beside the cards and have no such file.
    int64_t bytes = 0;
    if (std::ifstream(entry.path() / "device/mem_info_vram_used") >> bytes) used.vram += bytes;
    if (std::ifstream(entry.path() / "device/mem_info_gtt_used") >> bytes) used.gtt += bytes;
  }
  return used;
}

}  // namespace ovi
