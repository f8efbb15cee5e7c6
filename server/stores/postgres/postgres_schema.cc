#include "server/stores/postgres/postgres_schema.h"

#include <cstddef>
#include <iterator>
#include <string>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "server/stores/postgres/postgres_locks.h"

namespace ovi {
namespace {

// Step i brings version i to version i + 1. Steps that were released never change; add one. Older servers may still run
// on the tables while the first newer one starts: a step adds what they can do without.
constexpr const char* kSteps[] = {
    // Times are nanoseconds since 1970, but for lease_until, which is of the database's clock alone. `head_start`:
    // HeadStartOf the priority (server/jobs/job.h). `server`: whose claim it is.
    R"(CREATE TABLE ovi_jobs (
         sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
         id text NOT NULL UNIQUE,
         state text NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED')),
         principal text NOT NULL,
         request_id text,
         create_time bigint NOT NULL,
         start_time bigint,
         end_time bigint,
         cancel_request_time bigint,
         expire_time bigint,
         attempts bigint NOT NULL DEFAULT 0,
         head_start bigint NOT NULL,
         claim bigint NOT NULL DEFAULT 0,
         server text,
         lease_until timestamptz,
         spec bytea NOT NULL,
         first_frame bytea,
         progress bytea,
         ending bytea,
         artifact_bytes bigint NOT NULL DEFAULT 0,
         reserved_bytes bigint NOT NULL DEFAULT 0,
         webhook_time bigint,
         webhook_attempts bigint NOT NULL DEFAULT 0
       );
       CREATE UNIQUE INDEX ovi_jobs_by_request ON ovi_jobs (principal, request_id) WHERE request_id IS NOT NULL;
       CREATE INDEX ovi_jobs_by_turn ON ovi_jobs (state, (sequence - head_start), sequence);
       CREATE INDEX ovi_jobs_by_principal ON ovi_jobs (principal, sequence);
       CREATE INDEX ovi_queued_by_principal ON ovi_jobs (principal) WHERE state = 'QUEUED';
       CREATE INDEX ovi_jobs_by_lease ON ovi_jobs (lease_until) WHERE state = 'RUNNING';
       CREATE INDEX ovi_jobs_by_expiry ON ovi_jobs (expire_time) WHERE expire_time IS NOT NULL;
       CREATE INDEX ovi_jobs_by_webhook ON ovi_jobs (webhook_time) WHERE webhook_time IS NOT NULL;
       CREATE INDEX ovi_jobs_with_artifact ON ovi_jobs (artifact_bytes) WHERE artifact_bytes > 0;
       CREATE INDEX ovi_jobs_with_reservation ON ovi_jobs (reserved_bytes) WHERE reserved_bytes > 0;
       CREATE TABLE ovi_store (uid text NOT NULL, last_era bigint NOT NULL);
       INSERT INTO ovi_store VALUES (substr(replace(gen_random_uuid()::text, '-', ''), 1, 16), 0);)",
};
constexpr auto kNewest = static_cast<int64_t>(std::size(kSteps));

absl::Status Migrate(PostgresConnection& connection) {
  // Somebody else's steps may take their time.
  OVI_RETURN_IF_ERROR(connection.Execute(absl::StrFormat(
      "SELECT pg_advisory_xact_lock(%d, %d); CREATE TABLE IF NOT EXISTS ovi_schema (version bigint NOT NULL)",
      kLockClass, kSchemaLock)));
  OVI_ASSIGN_OR_RETURN(const PostgresRows rows, connection.Query("SELECT max(version) FROM ovi_schema"));
  int64_t version = rows[0].IntegerOrNull(0).value_or(0);
  if (version > kNewest) {
    return absl::FailedPreconditionError(
        absl::StrFormat("the job database is of version %d, and this ovi-server knows versions up to %d; start the "
                        "newer ovi-server that wrote it, or name another database in --job_store",
                        version, kNewest));
  }
  for (; version < kNewest; ++version) {
    OVI_RETURN_IF_ERROR(connection.Execute(kSteps[version]));
    OVI_RETURN_IF_ERROR(connection.Query("INSERT INTO ovi_schema VALUES ($1)", {version + 1}).status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BringUpToDate(PostgresConnection& connection) {
  OVI_RETURN_IF_ERROR(connection.Execute("BEGIN"));
  const absl::Status migrated = Migrate(connection);
  const absl::Status ended = connection.Execute(migrated.ok() ? "COMMIT" : "ROLLBACK");
  const absl::Status status = migrated.ok() ? ended : migrated;
  if (status.code() != absl::StatusCode::kInternal) return status;
  return absl::FailedPreconditionError(
      absl::StrFormat("%s; --job_store names a role that may create tables in the database's first schema",
                      std::string(status.message())));
}

}  // namespace ovi
