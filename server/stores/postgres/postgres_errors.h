// PostgreSQL's errors in ours. https://www.postgresql.org/docs/15/errcodes-appendix.html
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace ovi {

// `sqlstate`: five characters, empty if the server said nothing. Unavailable for what may pass (no connection, shutting
// down, a timeout, a standby; as a status JOB_STORE_UNAVAILABLE, retry later), ResourceExhausted (its disk or memory is
// full), DataLoss (it is damaged), Internal.
absl::StatusCode CodeOfSqlState(std::string_view sqlstate);

// The error of one call. Names no host, no user and no value: a job's error goes to a client.
absl::Status PostgresError(std::string_view sqlstate, std::string_view message);

// Unavailable: no connection, or it is lost.
absl::Status PostgresUnreachable();

}  // namespace ovi
