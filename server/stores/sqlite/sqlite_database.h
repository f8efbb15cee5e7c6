// SQLite without its C interface: a database, statements that are prepared once, transactions that roll back unless
// committed. https://sqlite.org/c3ref/intro.html
//
//   OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*database));
//   OVI_ASSIGN_OR_RETURN(SqliteQuery query, database->Query("SELECT spec FROM jobs WHERE id = ?"));
//   query.Bind(1, id);
//   OVI_ASSIGN_OR_RETURN(const bool found, query.Next());
//   if (found) Use(query.Bytes(0));
//   return transaction.Commit();
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace ovi {

// One run of a prepared statement. Reset when destroyed; at most one run of a statement at a time.
class SqliteQuery {
 public:
  explicit SqliteQuery(sqlite3_stmt* statement) : statement_(statement) {}
  ~SqliteQuery();
  SqliteQuery(SqliteQuery&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  SqliteQuery& operator=(SqliteQuery&&) = delete;

  // Parameters count from 1. What cannot be bound (memory) is told by Next. Bytes must stay until then.
  void Bind(int parameter, int64_t value);
  void Bind(int parameter, std::optional<int64_t> value);
  void BindText(int parameter, std::string_view text);
  void BindBytes(int parameter, std::string_view bytes);
  void BindNull(int parameter);

  // The next row; false when there is none. Errors: ResourceExhausted (disk full), Unavailable (locked, input and
  // output, read-only), DataLoss (damaged), Internal.
  absl::StatusOr<bool> Next();
  // For statements without rows.
  absl::Status Run() { return Next().status(); }

  // Columns count from 0. Bytes are valid until Next or the end of the query.
  int64_t Integer(int column) const;
  std::optional<int64_t> IntegerOrNull(int column) const;
  std::string_view Bytes(int column) const;  // of text too
  bool IsNull(int column) const;

 private:
  sqlite3_stmt* statement_;
  int bind_error_ = 0;
};

// One connection. Not thread-safe.
class SqliteDatabase {
 public:
  // Creates the file if need be, readable by its owner alone. Write-ahead log, every commit synced to disk.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(const std::string& path);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  // Several statements without parameters.
  absl::Status Execute(const std::string& sql);
  // `sql` is a literal: it is prepared once and found again by its address.
  absl::StatusOr<SqliteQuery> Query(const char* sql);

  int64_t LastInsertId() const;
  int64_t Changes() const;  // rows that the last statement changed

 private:
  explicit SqliteDatabase(sqlite3* handle) : handle_(handle) {}

  sqlite3* const handle_;
  std::map<const char*, sqlite3_stmt*> statements_;
};

// Takes the write lock at once, so that what it reads cannot change before it writes. Rolls back unless committed.
class SqliteTransaction {
 public:
  static absl::StatusOr<SqliteTransaction> Begin(SqliteDatabase& database);
  ~SqliteTransaction();
  SqliteTransaction(SqliteTransaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;

  // Durable when this returns OK; nothing is left of it otherwise.
  absl::Status Commit();

 private:
  explicit SqliteTransaction(SqliteDatabase& database) : database_(&database) {}
  SqliteDatabase* database_;
};

}  // namespace ovi
