// A thread that does something again and again until it is destroyed.
#pragma once

#include <functional>
#include <optional>
#include <thread>

#include "absl/time/time.h"
#include "base/mutex.h"

namespace ovi {

class RepeatingThread {
 public:
  // Returns how long to wait before it is called again; nothing: never.
  using Work = std::function<std::optional<absl::Duration>()>;

  // Calls `work` for the first time after `first_wait`; what it uses outlives this. Waits are real time: what depends
  // on the time of day asks a Clock.
  RepeatingThread(absl::Duration first_wait, Work work);
  // Ends once `work`, if it is at it, has returned.
  ~RepeatingThread();
  RepeatingThread(const RepeatingThread&) = delete;
  RepeatingThread& operator=(const RepeatingThread&) = delete;

 private:
  void Run(absl::Duration first_wait, const Work& work);
  // False if the thread is to end.
  bool Wait(absl::Duration time);

  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace ovi
