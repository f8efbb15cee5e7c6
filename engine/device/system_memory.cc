#include "engine/device/system_memory.h"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace ovi {

int64_t AmdGpuUsedBytes(const std::string& drm_folder) {
  int64_t used = 0;
  std::error_code error;  // no such folder: no device
  for (const auto& entry : std::filesystem::directory_iterator(drm_folder, error)) {
    for (const char* name : {"mem_info_vram_used", "mem_info_gtt_used"}) {
      // Connectors (card0-DP-1) lie beside the cards and have no such file.
      int64_t bytes = 0;
      if (std::ifstream(entry.path() / "device" / name) >> bytes) used += bytes;
    }
  }
  return used;
}

}  // namespace ovi
