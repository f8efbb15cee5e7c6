#include "server/stores/postgres/postgres_listener.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "server/stores/postgres/postgres_connection.h"

namespace ovi {
namespace {

constexpr absl::Duration kReconnect = absl::Seconds(1);

}  // namespace

std::string PostgresListener::NewsStatement(const std::string& sender) {
  return absl::StrFormat("SELECT pg_notify('ovi_jobs', '%s')", sender);
}

PostgresListener::PostgresListener(std::string address, std::string sender, std::function<void()> on_news)
    : address_(std::move(address)), sender_(std::move(sender)), on_news_(std::move(on_news)) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) == 0) {
    wake_read_ = ends[0];
    wake_write_ = ends[1];
  }
  thread_ = std::thread([this] { Run(); });
}

PostgresListener::~PostgresListener() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  close(wake_write_);  // the other end can be read now
  thread_.join();
  close(wake_read_);
}

bool PostgresListener::stopping() const {
  MutexLock lock(mutex_);
  return stopping_;
}

void PostgresListener::Run() {
  while (true) {
    Listen();
    MutexLock lock(mutex_);
    if (changed_.WaitFor(lock, kReconnect, [this] { return stopping_; })) return;
  }
}

void PostgresListener::Listen() {
  const auto connection = PostgresConnection::Open(address_);
  // Whoever needs the database tells that it cannot be reached.
  if (!connection.ok() || !(*connection)->Execute("LISTEN ovi_jobs").ok()) return;
  on_news_();
  while (!stopping()) {
    // Without a pipe the end is seen within a second.
    const auto senders =
        (*connection)->AwaitNotifications(wake_read_, wake_read_ < 0 ? absl::Seconds(1) : absl::Hours(1));
    if (!senders.ok()) return;
    if (std::any_of(senders->begin(), senders->end(), [this](const std::string& each) { return each != sender_; })) {
      on_news_();
    }
  }
}

}  // namespace ovi
