#include "server/supervision/service_manager.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

// A service is to say that it lives twice within the watchdog's time (sd_watchdog_enabled(3)); three allow for one slow
// check.
constexpr int kChecksPerWatchdog = 3;
// Time asked for while loading, in looks: one may find nothing without harm.
constexpr int kLooksAhead = 3;

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// What grows whenever this process computes or reads.
struct Work {
  int64_t microseconds = 0, page_faults = 0, blocks = 0;
  bool operator==(const Work&) const = default;
};
Work WorkDone() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) { return int64_t{time.tv_sec} * 1'000'000 + time.tv_usec; };
  return {of(usage.ru_utime) + of(usage.ru_stime), usage.ru_majflt, usage.ru_inblock};
}
// Looking costs a little itself; loading costs more.
bool Worked(const Work& before, const Work& now, absl::Duration looked) {
  const int64_t idle = absl::ToInt64Microseconds(looked) / 1000;
  return now.microseconds - before.microseconds > idle || now.page_faults > before.page_faults ||
         now.blocks > before.blocks;
}

std::string StatusLine(const std::string& status) { return absl::StrFormat("STATUS=%s", log::Escaped(status)); }

std::string ExtendLine(absl::Duration by) {
  return absl::StrFormat("EXTEND_TIMEOUT_USEC=%d", absl::ToInt64Microseconds(by));
}

}  // namespace

ServiceManager::Settings ServiceManager::FromEnvironment() {
  Settings settings;
  settings.notify_socket = Variable("NOTIFY_SOCKET");
  const std::string pid = Variable("WATCHDOG_PID");
  int64_t usec = 0;
  const bool ours = pid.empty() || pid == absl::StrFormat("%d", getpid());
  if (ours && absl::SimpleAtoi(Variable("WATCHDOG_USEC"), &usec) && usec > 0) {
    settings.watchdog = absl::Microseconds(usec);
  }
  return settings;
}

absl::StatusOr<std::unique_ptr<ServiceManager>> ServiceManager::Start(const Settings& settings,
                                                                      const std::string& status) {
  OVI_ASSIGN_OR_RETURN(NotifySocket socket, NotifySocket::Open(settings.notify_socket));
  std::unique_ptr<ServiceManager> manager(new ServiceManager(std::move(socket), settings));
  manager->Send(StatusLine(status));
  return manager;
}

ServiceManager::ServiceManager(NotifySocket socket, const Settings& settings)
    : socket_(std::move(socket)), settings_(settings) {
  if (socket_.heard()) thread_ = std::thread([this] { Run(); });
}

ServiceManager::~ServiceManager() {
  {
    MutexLock lock(mutex_);
    ended_ = true;
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void ServiceManager::Ready(const std::string& status, std::function<absl::Status()> check) {
  Send(absl::StrFormat("READY=1\n%s", StatusLine(status)));
  {
    MutexLock lock(mutex_);
    status_ = status;
    check_ = std::move(check);
  }
  changed_.NotifyAll();
}

void ServiceManager::Stopping(const std::string& status, absl::Duration at_most) {
  {
    MutexLock lock(mutex_);
    status_ = status;
  }
  Send(absl::StrFormat("STOPPING=1\n%s\n%s", StatusLine(status), ExtendLine(at_most)));
}

void ServiceManager::Run() {
  WatchLoading();
  if (settings_.watchdog.has_value()) WatchServing();
}

void ServiceManager::WatchLoading() {
  Work before = WorkDone();
  while (true) {
    {
      MutexLock lock(mutex_);
      if (changed_.WaitFor(lock, settings_.loading_look, [this] { return ended_ || check_ != nullptr; })) return;
    }
    const Work now = WorkDone();
    if (Worked(before, now, settings_.loading_look)) Send(ExtendLine(settings_.loading_look * kLooksAhead));
    before = now;
  }
}

void ServiceManager::WatchServing() {
  bool was_alive = true;
  while (true) {
    std::function<absl::Status()> check;
    std::string status;
    {
      MutexLock lock(mutex_);
      if (ended_) return;
      check = check_;
    }
    const absl::Status alive = check();
    {
      MutexLock lock(mutex_);
      status = status_;
    }
    if (alive.ok()) {
      Send(was_alive ? "WATCHDOG=1" : absl::StrFormat("WATCHDOG=1\n%s", StatusLine(status)));
    } else if (was_alive) {
      const std::string why(alive.message());
      log::Error("the watchdog is not told that this server lives: %s", why);
      Send(StatusLine(why));
    }
    was_alive = alive.ok();
    MutexLock lock(mutex_);
    if (changed_.WaitFor(lock, *settings_.watchdog / kChecksPerWatchdog, [this] { return ended_; })) return;
  }
}

void ServiceManager::Send(const std::string& lines) {
  if (const absl::Status sent = socket_.Send(lines); !sent.ok()) log::Warning("%s", std::string(sent.message()));
}

}  // namespace ovi
