// The tables of the job database and how an older one is brought up to date.
#pragma once

#include "absl/status/status.h"
#include "server/stores/sqlite/sqlite_database.h"

namespace ovi {

// Creates what is missing, one step after another, each in a transaction with its number (PRAGMA user_version).
// FailedPrecondition if a newer ovi-server wrote the database.
absl::Status BringUpToDate(SqliteDatabase& database);

}  // namespace ovi
