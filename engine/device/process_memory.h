// What the operating system and the C library know about this process's memory, in bytes.
#pragma once

#include <cstdint>

namespace ovi {

struct ProcessMemory {
  // The heap, mapped blocks included: in use, and held (in use or kept for later). Where the C library's allocator is
  // replaced (a sanitizer), both are the anonymous resident memory.
  int64_t heap_allocated = 0, heap_reserved = 0;
  int64_t resident = 0;       // RSS
  int64_t resident_peak = 0;  // its largest since the process began, or since ResetResidentPeak
};

// Thread-safe; some ten microseconds.
ProcessMemory ReadProcessMemory();

// False where the kernel does not let us; the peak then stays that of the whole process.
bool ResetResidentPeak();

// Gives free heap pages back to the system.
void TrimHeap();

}  // namespace ovi
