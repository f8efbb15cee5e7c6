// The tables of the job database and how older ones are brought up to date.
#pragma once

#include "absl/status/status.h"
#include "server/stores/postgres/postgres_connection.h"

namespace ovi {

// Creates what is missing, all steps and their number in one transaction, under a lock: servers that start at the same
// time do it one after another. FailedPrecondition if a newer ovi-server wrote the database, or if this role may not
// create tables.
absl::Status BringUpToDate(PostgresConnection& connection);

}  // namespace ovi
