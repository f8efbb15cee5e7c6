#include "server/stores/postgres/postgres_errors.h"

#include <string>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "server/jobs/status_details.h"

namespace ovi {
namespace {

// A database that is restarted is back in seconds.
constexpr absl::Duration kRetry = absl::Seconds(2);

absl::Status Unavailable(std::string_view message) {
  const std::string text(message);
  return WithRetryAfter(WithReason(absl::UnavailableError(text), "JOB_STORE_UNAVAILABLE"), kRetry);
}

}  // namespace

absl::StatusCode CodeOfSqlState(std::string_view sqlstate) {
  if (sqlstate == "53100" || sqlstate == "53200") return absl::StatusCode::kResourceExhausted;  // disk, memory
  if (sqlstate == "XX001" || sqlstate == "XX002") return absl::StatusCode::kDataLoss;           // data, index
  for (const std::string_view passing : {
           "08",     // connection exceptions
           "40",     // rolled back: deadlock, serialization
           "53",     // too many connections
           "55P03",  // a lock was not to be had in time
           "57",     // shutting down, starting up, cancelled by a timeout
           "58030",  // input and output
           "25006",  // read-only: a standby, or one that is being moved
           "25P03",  // idle in a transaction for too long: this server was held up
       }) {
    if (sqlstate.starts_with(passing)) return absl::StatusCode::kUnavailable;
  }
  return sqlstate.empty() ? absl::StatusCode::kUnavailable : absl::StatusCode::kInternal;
}

absl::Status PostgresError(std::string_view sqlstate, std::string_view message) {
  const absl::StatusCode code = CodeOfSqlState(sqlstate);
  const char* remedy = code == absl::StatusCode::kResourceExhausted ? "; free space on the database's server"
                       : code == absl::StatusCode::kDataLoss        ? "; restore a backup of it"
                                                                    : "";
  if (code == absl::StatusCode::kUnavailable) {
    return Unavailable(absl::StrFormat("the job database failed: %s (%s); try again", message, sqlstate));
  }
  return absl::Status(code, absl::StrFormat("the job database failed: %s (%s)%s", message, sqlstate, remedy));
}

absl::Status PostgresUnreachable() { return Unavailable("the job database cannot be reached now; try again"); }

}  // namespace ovi
