// A few connections to one database, for whoever asks, and transactions over them. A lost connection is replaced by the
// next who needs it. Thread-safe; a call may wait for a connection that is free.
//
//   return pool.Write([&](PostgresConnection& connection) -> absl::StatusOr<Job> { ... });
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "server/stores/postgres/postgres_connection.h"

namespace ovi {

class PostgresPool {
 public:
  // Connections are made when they are needed.
  explicit PostgresPool(std::string address) : address_(std::move(address)) {}

  // Runs `body` and commits what it did, unless it failed. Durable when this returns OK; nothing is left of it
  // otherwise, but for one case: a connection that is lost during the commit leaves open whether it was done. `body`
  // runs again where the connection is lost before that.
  template <typename Body>
  auto Write(const Body& body) {
    return Twice([&](PostgresConnection& connection, bool& committing) -> decltype(body(connection)) {
      if (absl::Status begun = connection.Execute("BEGIN"); !begun.ok()) return begun;
      auto result = body(connection);
      if (!result.ok()) {
        if (!connection.lost()) connection.Execute("ROLLBACK").IgnoreError();
        return result;
      }
      committing = true;
      if (absl::Status committed = connection.Execute("COMMIT"); !committed.ok()) return committed;
      return result;
    });
  }
  // Statements that change nothing.
  template <typename Body>
  auto Read(const Body& body) {
    return Twice([&](PostgresConnection& connection, bool&) { return body(connection); });
  }

 private:
  // What holds a connection of the pool gives it back.
  using Borrowed = std::unique_ptr<PostgresConnection, std::function<void(PostgresConnection*)>>;
  absl::StatusOr<Borrowed> Borrow();
  void GiveBack(PostgresConnection* connection);

  // Runs `body` over a connection, and again over a new one if that was lost, as it is when the database was restarted
  // since; but not once `body` says that it began to commit.
  template <typename Body>
  auto Twice(const Body& body) {
    using Result = decltype(body(std::declval<PostgresConnection&>(), std::declval<bool&>()));
    for (int attempt = 1;; ++attempt) {
      absl::StatusOr<Borrowed> connection = Borrow();
      if (!connection.ok()) return Result(connection.status());
      bool committing = false;
      Result result = body(**connection, committing);
      if (result.ok() || committing || attempt == 2 || !(*connection)->lost()) return result;
      ForgetIdle();
    }
  }
  // The others were lost with it, most likely.
  void ForgetIdle();

  const std::string address_;
  Mutex mutex_;
  CondVar changed_;
  int borrowed_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<PostgresConnection>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ovi
