#include "client/interrupt.h"

#include <unistd.h>

#include <csignal>

namespace ovi::client {
namespace {

volatile std::sig_atomic_t interrupts = 0;  // a signal handler may touch nothing else
struct sigaction previous_action;

extern "C" void CountInterrupt(int) {
  interrupts = interrupts + 1;
  if (interrupts > 1) _exit(130);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  interrupts = 0;
  struct sigaction action = {};
  action.sa_handler = CountInterrupt;
  sigaction(SIGINT, &action, &previous_action);
}

InterruptGuard::~InterruptGuard() { sigaction(SIGINT, &previous_action, nullptr); }

bool InterruptGuard::interrupted() const { return interrupts > 0; }

}  // namespace ovi::client
