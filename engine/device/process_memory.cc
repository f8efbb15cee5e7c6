#include "engine/device/process_memory.h"

#include <malloc.h>

#include <fstream>
#include <string>

namespace ovi {
namespace {

struct StatusFile {
  int64_t resident = 0, resident_peak = 0, anonymous = 0;
};

// Lines such as "VmRSS:\t  123456 kB".
StatusFile ReadStatusFile() {
  StatusFile status;
  std::ifstream file("/proc/self/status");
  std::string key;
  for (std::string line; file >> key && std::getline(file, line);) {
    int64_t* const field = key == "VmRSS:"     ? &status.resident
                           : key == "VmHWM:"   ? &status.resident_peak
                           : key == "RssAnon:" ? &status.anonymous
                                               : nullptr;
    if (field != nullptr) *field = std::stoll(line) * 1024;
  }
  return status;
}

}  // namespace

ProcessMemory ReadProcessMemory() {
  const StatusFile status = ReadStatusFile();
  const struct mallinfo2 heap = mallinfo2();
  ProcessMemory memory = {.heap_allocated = static_cast<int64_t>(heap.uordblks + heap.hblkhd),
                          .heap_reserved = static_cast<int64_t>(heap.arena + heap.hblkhd),
                          .resident = status.resident,
                          .resident_peak = status.resident_peak};
  if (memory.heap_reserved == 0) memory.heap_allocated = memory.heap_reserved = status.anonymous;
  return memory;
}

bool ResetResidentPeak() {
  std::ofstream file("/proc/self/clear_refs");
  file << 5 << std::flush;  // 5: reset VmHWM to VmRSS (Documentation/filesystems/proc.rst)
  return file.good();
}

void TrimHeap() { malloc_trim(0); }

}  // namespace ovi
