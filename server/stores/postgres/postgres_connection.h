// PostgreSQL without its C interface: one connection and what is asked over it.
//
//   OVI_ASSIGN_OR_RETURN(const PostgresRows rows, connection.Query("SELECT spec FROM ovi_jobs WHERE id = $1", {id}));
//   if (!rows.empty()) Use(rows[0].Bytes(0));
//
// No call hangs for ever: the server ends a statement after kStatementTimeout, and where the server itself is silent
// for somewhat longer, the connection is given up. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/stores/postgres/postgres_value.h"

struct pg_conn;

namespace ovi {

class PostgresConnection {
 public:
  static constexpr absl::Duration kStatementTimeout = absl::Seconds(10);

  // Connects, for as long as the address says (connect_timeout), else 5 s. Errors: Unavailable (nobody answers, or not
  // yet), FailedPrecondition (it answers and lets us not in, with its reason, which names host and user but no
  // password).
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(const std::string& address);
  ~PostgresConnection();
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // One statement. Errors: postgres_errors.h.
  absl::StatusOr<PostgresRows> Query(const char* sql, const std::vector<PostgresValue>& values = {});
  // Several statements without parameters and without rows.
  absl::Status Execute(const std::string& sql);

  // Whether the connection is lost: it will not be better. What it was asked last may or may not have been done.
  bool lost() const;

  // The names of the notifications that came since (LISTEN). Waits for the first one, until `timeout`, or until
  // `wake_fd` can be read.
  absl::StatusOr<std::vector<std::string>> AwaitNotifications(int wake_fd, absl::Duration timeout);

 private:
  explicit PostgresConnection(pg_conn* handle) : handle_(handle) {}
  // All results of what was sent: the last one, or the first error.
  absl::StatusOr<PostgresRows> Results();
  // Until the whole of the next result is there.
  absl::Status AwaitResult(absl::Time deadline);
  absl::Status GiveUp();

  pg_conn* const handle_;
  bool given_up_ = false;
};

}  // namespace ovi
