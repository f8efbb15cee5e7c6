// A thread that does something again and again until it is destroyed.
#pragma once

#include <functional>
#include <thread>

#include "absl/time/time.h"
#include "base/mutex.h"

namespace ovi {

class RepeatingThread {
 public:
  // Calls `work` at once and whenever `every` has passed since it returned. `work` returns whether to call it again at
  // once. Waits are real time: what depends on the time of day asks a Clock.
  RepeatingThread(absl::Duration every, std::function<bool()> work);
  // Ends once `work`, if it is at it, has returned.
  ~RepeatingThread();

 private:
  void Run(const std::function<bool()>& work);

  const absl::Duration every_;
  Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ovi
