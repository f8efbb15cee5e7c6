// What a fuzz target holds a reader to beyond not crashing.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace ovi {

// Ends the process as a crash would, which is how a fuzzer learns of it, if `holds` is false.
inline void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace ovi
