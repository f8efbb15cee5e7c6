#include "server/signals.h"

#include <pthread.h>

#include <csignal>
#include <utility>

namespace ovi {
namespace {

// What the destructor sends to its own thread; nobody else in this process uses it.
constexpr int kStopSignal = SIGUSR2;

sigset_t WatchedSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int each : {SIGTERM, SIGINT, kStopSignal}) sigaddset(&signals, each);
  return signals;
}

}  // namespace

SignalWatch::SignalWatch(std::function<void(int)> on_signal) : on_signal_(std::move(on_signal)) {
  const sigset_t signals = WatchedSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::thread([this, signals] {
    int count = 0;
    int signal = 0;
    while (sigwait(&signals, &signal) == 0 && signal != kStopSignal) on_signal_(++count);
  });
}

SignalWatch::~SignalWatch() {
  pthread_kill(thread_.native_handle(), kStopSignal);
  thread_.join();
}

}  // namespace ovi
