#include "server/stores/postgres/postgres_connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/stores/postgres/postgres_errors.h"

namespace ovi {
namespace {

// Beyond kStatementTimeout: the server is stopped, or the network is gone.
constexpr absl::Duration kSilence = absl::Seconds(15);

// Other settings of the role or the database stay. synchronous_commit: what was acknowledged is on disk.
constexpr char kSettings[] =
    "SET statement_timeout = 10000; SET lock_timeout = 10000; SET idle_in_transaction_session_timeout = 20000; "
    "SET default_transaction_isolation = 'read committed'; SET client_min_messages = warning; "
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

std::string FieldOf(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text == nullptr ? "" : text;
}

bool IsError(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY;
}

// Whether the server answered and refuses this user or database, as opposed to not being there (yet).
bool IsRefusal(std::string_view message) {
  return message.find("FATAL:") != std::string_view::npos &&
         message.find("the database system is") == std::string_view::npos &&  // starting up, shutting down
         message.find("too many") == std::string_view::npos &&
         message.find("remaining connection slots") == std::string_view::npos &&
         message.find("terminating connection") == std::string_view::npos;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(const std::string& address) {
  // What stands behind `dbname` overrides what the address says; what stands before it does not.
  const char* keywords[] = {"connect_timeout",
                            "tcp_user_timeout",
                            "keepalives_idle",
                            "fallback_application_name",
                            "dbname",
                            "client_encoding",
                            nullptr};
  const char* values[] = {"5", "15000", "30", "ovi-server", address.c_str(), "UTF8", nullptr};
  std::unique_ptr<PostgresConnection> connection(
      new PostgresConnection(PQconnectdbParams(keywords, values, /*expand_dbname=*/1)));
  if (PQstatus(connection->handle_) != CONNECTION_OK) {
    std::string why = PQerrorMessage(connection->handle_);
    absl::StripAsciiWhitespace(&why);
    if (IsRefusal(why)) return absl::FailedPreconditionError(absl::StrFormat("the job database refuses: %s", why));
    return absl::UnavailableError(absl::StrFormat("the job database cannot be reached: %s", why));
  }
  // What the server says of its own accord goes to stderr otherwise.
  PQsetNoticeProcessor(
      connection->handle_, [](void*, const char* message) { log::Debug("PostgreSQL: %s", message); }, nullptr);
  PQsetnonblocking(connection->handle_, 1);
  OVI_RETURN_IF_ERROR(connection->Execute(kSettings));
  return connection;
}

PostgresConnection::~PostgresConnection() { PQfinish(handle_); }

bool PostgresConnection::lost() const { return given_up_ || PQstatus(handle_) != CONNECTION_OK; }

absl::Status PostgresConnection::GiveUp() {
  given_up_ = true;
  return PostgresUnreachable();
}

absl::StatusOr<PostgresRows> PostgresConnection::Query(const char* sql, const std::vector<PostgresValue>& values) {
  std::vector<std::string> texts(values.size());
  std::vector<const char*> data(values.size(), nullptr);
  std::vector<int> lengths(values.size(), 0), formats(values.size(), 0);
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].is_null()) continue;
    if (values[i].is_binary()) {
      data[i] = values[i].bytes().data();
      lengths[i] = static_cast<int>(values[i].bytes().size());
      formats[i] = 1;
    } else {
      texts[i] = values[i].Text();
      data[i] = texts[i].c_str();
    }
  }
  if (lost()) return GiveUp();
  constexpr int kBinaryResults = 1;
  if (PQsendQueryParams(handle_, sql, static_cast<int>(values.size()), nullptr, data.data(), lengths.data(),
                        formats.data(), kBinaryResults) == 0) {
    return GiveUp();
  }
  return Results();
}

absl::Status PostgresConnection::Execute(const std::string& sql) {
  if (lost() || PQsendQuery(handle_, sql.c_str()) == 0) return GiveUp();
  return Results().status();
}

absl::StatusOr<PostgresRows> PostgresConnection::Results() {
  const absl::Time deadline = absl::Now() + kSilence;
  absl::Status error;
  std::optional<PostgresRows> last;
  while (true) {
    OVI_RETURN_IF_ERROR(AwaitResult(deadline));
    PGresult* result = PQgetResult(handle_);
    if (result == nullptr) break;
    PostgresRows rows(result);
    if (IsError(result) && error.ok()) {
      const std::string sqlstate = FieldOf(result, PG_DIAG_SQLSTATE);
      // A severed connection has no state: libpq made the error, and names the host in it.
      error =
          sqlstate.empty() ? PostgresUnreachable() : PostgresError(sqlstate, FieldOf(result, PG_DIAG_MESSAGE_PRIMARY));
    }
    last = std::move(rows);
  }
  if (!error.ok()) return error;
  if (!last.has_value()) return GiveUp();
  return *std::move(last);
}

absl::Status PostgresConnection::AwaitResult(absl::Time deadline) {
  while (true) {
    const int unsent = PQflush(handle_);
    if (unsent < 0) return GiveUp();
    if (unsent == 0 && PQisBusy(handle_) == 0) return absl::OkStatus();
    pollfd socket = {PQsocket(handle_), static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN), 0};
    const int64_t left_ms = absl::ToInt64Milliseconds(deadline - absl::Now());
    if (left_ms <= 0 || socket.fd < 0) return GiveUp();
    if (poll(&socket, 1, static_cast<int>(left_ms)) < 0 && errno != EINTR) return GiveUp();
    if ((socket.revents & (POLLIN | POLLERR | POLLHUP)) != 0 && PQconsumeInput(handle_) == 0 && unsent > 0) {
      return GiveUp();
    }
  }
}

absl::StatusOr<std::vector<std::string>> PostgresConnection::AwaitNotifications(int wake_fd, absl::Duration timeout) {
  if (lost()) return GiveUp();
  pollfd sockets[] = {{PQsocket(handle_), POLLIN, 0}, {wake_fd, POLLIN, 0}};
  poll(sockets, 2, static_cast<int>(std::min<int64_t>(absl::ToInt64Milliseconds(timeout), 1 << 30)));
  if (PQconsumeInput(handle_) == 0) return GiveUp();
  std::vector<std::string> names;
  while (PGnotify* notification = PQnotifies(handle_)) {
    names.emplace_back(notification->extra);
    PQfreemem(notification);
  }
  return names;
}

}  // namespace ovi
