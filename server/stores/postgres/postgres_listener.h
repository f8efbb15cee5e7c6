// Hears when another server changed a job (LISTEN, NOTIFY): a hint, which may come late, twice or never.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "base/mutex.h"

namespace ovi {

class PostgresListener {
 public:
  // What a transaction runs so that others hear of it. `sender` is a UUID: who has it does not hear of it himself.
  static std::string NewsStatement(const std::string& sender);

  // Starts at once, connects, and again for as long as it lives. `on_news` is called on its thread, after a
  // reconnection too, as something may have been missed.
  PostgresListener(std::string address, std::string sender, std::function<void()> on_news);
  ~PostgresListener();  // `on_news` is not called any more
  PostgresListener(const PostgresListener&) = delete;
  PostgresListener& operator=(const PostgresListener&) = delete;

 private:
  void Run();
  // Until the connection is lost, or the end.
  void Listen();
  bool stopping() const;

  const std::string address_, sender_;
  const std::function<void()> on_news_;
  int wake_read_ = -1, wake_write_ = -1;  // a pipe: readable at the end
  mutable Mutex mutex_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace ovi
