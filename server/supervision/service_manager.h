// What systemd is told while the server loads, serves and stops (Type=notify): sd_notify(3), systemd.service(5).
//
// WATCHDOG=1 is sent for as long as a check of the server succeeds, not by a timer that always says yes; while the
// models load, time is asked for only as long as the process does something. Without systemd none of it happens.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "server/supervision/notify_socket.h"

namespace ovi {

class ServiceManager {
 public:
  struct Settings {
    std::string notify_socket;                        // NOTIFY_SOCKET; empty: no systemd
    std::optional<absl::Duration> watchdog;           // WATCHDOG_USEC, where WATCHDOG_PID is this process
    absl::Duration loading_look = absl::Seconds(10);  // how often it is looked whether loading goes on
  };
  static Settings FromEnvironment();

  // Says that the server loads. InvalidArgument for an address that is none.
  static absl::StatusOr<std::unique_ptr<ServiceManager>> Start(const Settings& settings, const std::string& status);
  ~ServiceManager();  // nothing is sent any more

  // READY=1. From here on `check` is called several times within the watchdog's time, on a thread of this object's;
  // WATCHDOG=1 follows where it is OK. It may block: a server that hangs is not vouched for.
  void Ready(const std::string& status, std::function<absl::Status()> check);
  // STOPPING=1, and that it may take so long. The check goes on.
  void Stopping(const std::string& status, absl::Duration at_most);

 private:
  ServiceManager(NotifySocket socket, const Settings& settings);
  void Run();
  void WatchLoading();
  void WatchServing();
  void Send(const std::string& lines);

  const NotifySocket socket_;
  const Settings settings_;
  Mutex mutex_;
  CondVar changed_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::string status_ ABSL_GUARDED_BY(mutex_);
  std::function<absl::Status()> check_ ABSL_GUARDED_BY(mutex_);  // once ready
  std::thread thread_;                                           // none without systemd
};

}  // namespace ovi
