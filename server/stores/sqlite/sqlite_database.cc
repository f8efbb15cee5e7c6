#include "server/stores/sqlite/sqlite_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

constexpr int kBusyTimeoutMs = 5000;

// WAL with every commit synced: a job that was acknowledged is there after a power failure.
constexpr char kSettings[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;";

absl::StatusCode CodeOf(int result) {
  switch (result & 0xFF) {
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return absl::StatusCode::kUnavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    default:
      return absl::StatusCode::kInternal;
  }
}

// Names no path: a job's error goes to a client. Remedies are for whoever runs the server.
absl::Status SqliteError(int result) {
  const absl::StatusCode code = CodeOf(result);
  const char* remedy = code == absl::StatusCode::kResourceExhausted ? "; free space where --data_dir lies"
                       : code == absl::StatusCode::kDataLoss        ? "; restore a backup of it"
                                                                    : "";
  return absl::Status(code, absl::StrFormat("the job database failed: %s%s", sqlite3_errstr(result), remedy));
}

// SQLite gives its other files the rights of the first, so that prompts are the owner's alone.
absl::Status CreatePrivately(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) {
    return absl::FailedPreconditionError(
        absl::StrFormat("the job database %s cannot be opened: %s; choose another --data_dir", path,
                        std::generic_category().message(errno)));
  }
  close(file);
  return absl::OkStatus();
}

}  // namespace

SqliteQuery::~SqliteQuery() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void SqliteQuery::Bind(int parameter, int64_t value) {
  bind_error_ |= sqlite3_bind_int64(statement_, parameter, value);
}

void SqliteQuery::Bind(int parameter, std::optional<int64_t> value) {
  value.has_value() ? Bind(parameter, *value) : BindNull(parameter);
}

void SqliteQuery::BindText(int parameter, std::string_view text) {
  bind_error_ |= sqlite3_bind_text64(statement_, parameter, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void SqliteQuery::BindBytes(int parameter, std::string_view bytes) {
  bind_error_ |= sqlite3_bind_blob64(statement_, parameter, bytes.data(), bytes.size(), SQLITE_STATIC);
}

void SqliteQuery::BindNull(int parameter) { bind_error_ |= sqlite3_bind_null(statement_, parameter); }

absl::StatusOr<bool> SqliteQuery::Next() {
  if (bind_error_ != SQLITE_OK) return SqliteError(bind_error_);
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return SqliteError(result);
}

int64_t SqliteQuery::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::optional<int64_t> SqliteQuery::IntegerOrNull(int column) const {
  return IsNull(column) ? std::nullopt : std::optional<int64_t>(Integer(column));
}

std::string_view SqliteQuery::Bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  return {static_cast<const char*>(bytes), static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

bool SqliteQuery::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& path) {
  OVI_RETURN_IF_ERROR(CreatePrivately(path));
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(handle));  // a failed one wants closing too
  if (result != SQLITE_OK) return SqliteError(result);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  OVI_RETURN_IF_ERROR(database->Execute(kSettings));
  return database;
}

SqliteDatabase::~SqliteDatabase() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

absl::Status SqliteDatabase::Execute(const std::string& sql) {
  const int result = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : SqliteError(result);
}

absl::StatusOr<SqliteQuery> SqliteDatabase::Query(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) {
    const int result = sqlite3_prepare_v3(handle_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (result != SQLITE_OK) return SqliteError(result);
  }
  return SqliteQuery(statement);
}

int64_t SqliteDatabase::LastInsertId() const { return sqlite3_last_insert_rowid(handle_); }

int64_t SqliteDatabase::Changes() const { return sqlite3_changes64(handle_); }

absl::StatusOr<SqliteTransaction> SqliteTransaction::Begin(SqliteDatabase& database) {
  OVI_RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
  return SqliteTransaction(database);
}

SqliteTransaction::~SqliteTransaction() {
  if (database_ != nullptr) database_->Execute("ROLLBACK").IgnoreError();  // SQLite may have rolled back by itself
}

absl::Status SqliteTransaction::Commit() {
  OVI_RETURN_IF_ERROR(database_->Execute("COMMIT"));
  database_ = nullptr;
  return absl::OkStatus();
}

}  // namespace ovi
