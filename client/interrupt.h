// Ctrl-C as a value that a loop can ask for, instead of a handler that does work.
#pragma once

namespace ovi::client {

// While one lives, the first SIGINT is only counted; a second one ends the process at once with status 130.
// At most one at a time; restores what was there before.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  bool interrupted() const;
};

}  // namespace ovi::client
