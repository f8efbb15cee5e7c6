#include "server/stores/sqlite/sqlite_schema.h"

#include <cstddef>
#include <string>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

// Step i brings version i to version i + 1. Steps that were released never change; add one.
constexpr const char* kSteps[] = {
    // Times are nanoseconds since 1970. `sequence` is never used twice, so that pages have no gap and no repeat.
    R"(CREATE TABLE jobs (
         sequence INTEGER PRIMARY KEY AUTOINCREMENT,
         id TEXT NOT NULL UNIQUE,
         state TEXT NOT NULL CHECK (state IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED')),
         principal TEXT NOT NULL,
         request_id TEXT,
         create_time INTEGER NOT NULL,
         start_time INTEGER,
         end_time INTEGER,
         cancel_request_time INTEGER,
         attempts INTEGER NOT NULL DEFAULT 0,
         spec BLOB NOT NULL,
         first_frame BLOB,
         ending BLOB
       ) STRICT;
       CREATE UNIQUE INDEX jobs_by_request ON jobs (principal, request_id) WHERE request_id IS NOT NULL;
       CREATE INDEX jobs_by_state ON jobs (state, sequence);)",
    // Priorities, claims, and what becomes of an ended job. `head_start`: HeadStartOf its priority (server/jobs/job.h).
    R"(ALTER TABLE jobs ADD COLUMN head_start INTEGER NOT NULL DEFAULT 0;
       ALTER TABLE jobs ADD COLUMN claim INTEGER NOT NULL DEFAULT 0;
       ALTER TABLE jobs ADD COLUMN progress BLOB;
       ALTER TABLE jobs ADD COLUMN expire_time INTEGER;
       ALTER TABLE jobs ADD COLUMN artifact_bytes INTEGER NOT NULL DEFAULT 0;
       ALTER TABLE jobs ADD COLUMN webhook_time INTEGER;
       ALTER TABLE jobs ADD COLUMN webhook_attempts INTEGER NOT NULL DEFAULT 0;
       DROP INDEX jobs_by_state;
       CREATE INDEX jobs_by_turn ON jobs (state, sequence - head_start, sequence);
       CREATE INDEX jobs_by_principal ON jobs (principal, sequence);
       CREATE INDEX queued_by_principal ON jobs (principal) WHERE state = 'QUEUED';
       CREATE INDEX jobs_by_expiry ON jobs (expire_time) WHERE expire_time IS NOT NULL;
       CREATE INDEX jobs_by_webhook ON jobs (webhook_time) WHERE webhook_time IS NOT NULL;
       CREATE INDEX jobs_with_artifact ON jobs (artifact_bytes) WHERE artifact_bytes > 0;)",
    // One row: what JobStore::NextEra returned last.
    R"(CREATE TABLE eras (last INTEGER NOT NULL) STRICT;
       INSERT INTO eras VALUES (0);)",
    // The mark of this store's artifacts, and the bytes that jobs which have not ended are expected to make.
    R"(CREATE TABLE store (uid TEXT NOT NULL) STRICT;
       INSERT INTO store VALUES (lower(hex(randomblob(8))));
       ALTER TABLE jobs ADD COLUMN reserved_bytes INTEGER NOT NULL DEFAULT 0;
       CREATE INDEX jobs_with_reservation ON jobs (reserved_bytes) WHERE reserved_bytes > 0;)",
};
constexpr auto kNewest = static_cast<int64_t>(std::size(kSteps));

absl::StatusOr<int64_t> VersionOf(SqliteDatabase& database) {
  OVI_ASSIGN_OR_RETURN(SqliteQuery query, database.Query("PRAGMA user_version"));
  OVI_RETURN_IF_ERROR(query.Run());
  return query.Integer(0);
}

}  // namespace

absl::Status BringUpToDate(SqliteDatabase& database) {
  OVI_ASSIGN_OR_RETURN(int64_t version, VersionOf(database));
  if (version > kNewest) {
    return absl::FailedPreconditionError(
        absl::StrFormat("the job database is of version %d, and this ovi-server knows versions up to %d; start the "
                        "newer ovi-server that wrote it, or choose another --data_dir",
                        version, kNewest));
  }
  for (; version < kNewest; ++version) {
    OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(database));
    OVI_RETURN_IF_ERROR(database.Execute(kSteps[version]));
    OVI_RETURN_IF_ERROR(database.Execute(absl::StrFormat("PRAGMA user_version = %d", version + 1)));
    OVI_RETURN_IF_ERROR(transaction.Commit());
  }
  return absl::OkStatus();
}

}  // namespace ovi
