// SIGTERM and SIGINT as calls on a thread of their own.
#pragma once

#include <functional>
#include <thread>

namespace ovi {

class SignalWatch {
 public:
  // Blocks both signals in the calling thread, so make it before any other thread: they inherit that. `on_signal` gets
  // the number of the signal, counted from 1: the second one is 2.
  explicit SignalWatch(std::function<void(int)> on_signal);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  std::function<void(int)> on_signal_;
  std::thread thread_;
};

}  // namespace ovi
