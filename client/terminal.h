// What the place we print to can do, and how to write numbers for people.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace ovi::client {

struct Terminal {
  bool interactive = false;  // a person's terminal: one live line; else a line per stage and per 10 %
  bool color = false;
  int columns = 80;
};

// stderr, where progress goes: stdout belongs to results. Honours NO_COLOR, TERM=dumb and --no_color.
Terminal DetectTerminal(bool no_color);

// "4 s", "2 min 05 s", "1 h 12 min".
std::string HumanDuration(absl::Duration duration);
// "812 kB", "3.4 MB", "36.1 GB": powers of ten.
std::string HumanBytes(int64_t bytes);

}  // namespace ovi::client
