#include "server/open_stores.h"

#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/artifacts/directory_store.h"
#include "server/artifacts/s3/s3_names.h"
#include "server/artifacts/s3/s3_store.h"
#include "server/config/server_uid.h"
#include "server/jobs/memory_job_store.h"
#include "server/stores/postgres/conninfo.h"
#include "server/stores/postgres/postgres_job_store.h"
#include "server/stores/sqlite/sqlite_job_store.h"

namespace ovi {

absl::StatusOr<std::unique_ptr<ArtifactStore>> OpenArtifactStore(const ServerConfig& config) {
  if (!IsS3Address(config.artifact_dir)) return OpenDirectoryStore(config.artifact_dir);
  OVI_ASSIGN_OR_RETURN(const S3Settings settings, ReadS3Settings(config.artifact_dir, ProcessEnvironment));
  // What is being written lies where nobody else writes: the folder is emptied at start.
  OVI_ASSIGN_OR_RETURN(std::unique_ptr<S3ArtifactStore> store,
                       S3ArtifactStore::Open(settings, config.data_dir + "/uploading", RealClock()));
  OVI_RETURN_IF_ERROR(store->CheckWritable());
  return store;
}

absl::StatusOr<std::unique_ptr<JobStore>> OpenJobStore(const ServerConfig& config) {
  if (config.job_store == "memory") return std::make_unique<MemoryJobStore>();
  if (config.job_store == "sqlite") return SqliteJobStore::Open(config.data_dir + "/jobs.db");
  OVI_ASSIGN_OR_RETURN(const std::string server_uid, ServerUid(config.data_dir));
  OVI_ASSIGN_OR_RETURN(
      std::unique_ptr<JobStore> store,
      PostgresJobStore::Open({.address = config.job_store, .lease = config.lease, .server_uid = server_uid}));
  log::Info("jobs lie in PostgreSQL at %s; this is server %s of that queue", DescribePostgresAddress(config.job_store),
            server_uid);
  return store;
}

}  // namespace ovi
