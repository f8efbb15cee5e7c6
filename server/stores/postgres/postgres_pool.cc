#include "server/stores/postgres/postgres_pool.h"

#include "base/log.h"
#include "server/stores/postgres/postgres_errors.h"

namespace ovi {
namespace {

// A worker, its heartbeat, whoever follows other servers, and some clients.
constexpr int kMaxConnections = 6;
// As long as those before us may take.
constexpr absl::Duration kPatience = absl::Seconds(20);

}  // namespace

absl::StatusOr<PostgresPool::Borrowed> PostgresPool::Borrow() {
  std::unique_ptr<PostgresConnection> connection;
  {
    MutexLock lock(mutex_);
    if (!changed_.WaitFor(lock, kPatience, [this] { return borrowed_ < kMaxConnections; })) {
      return PostgresError("53300", "more calls wait for it than it answers");
    }
    ++borrowed_;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (connection == nullptr) {
    absl::StatusOr<std::unique_ptr<PostgresConnection>> opened = PostgresConnection::Open(address_);
    if (!opened.ok()) {
      GiveBack(nullptr);
      // Host and user are for whoever runs the server.
      log::Warning("%s", std::string(opened.status().message()));
      return PostgresUnreachable();
    }
    connection = *std::move(opened);
  }
  return Borrowed(connection.release(), [this](PostgresConnection* each) { GiveBack(each); });
}

void PostgresPool::GiveBack(PostgresConnection* connection) {
  std::unique_ptr<PostgresConnection> returned(connection);
  {
    MutexLock lock(mutex_);
    --borrowed_;
    if (returned != nullptr && !returned->lost()) idle_.push_back(std::move(returned));
  }
  changed_.NotifyAll();
}

void PostgresPool::ForgetIdle() {
  std::vector<std::unique_ptr<PostgresConnection>> forgotten;
  MutexLock lock(mutex_);
  forgotten.swap(idle_);
}

}  // namespace ovi
