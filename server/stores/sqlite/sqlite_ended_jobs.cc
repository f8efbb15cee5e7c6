// What becomes of a job after its end: the part of SqliteJobStore that janitor and webhooks use.
#include <utility>

#include "base/status_macros.h"
#include "server/jobs/job_errors.h"
#include "server/stores/sqlite/job_rows.h"
#include "server/stores/sqlite/sqlite_job_store.h"

namespace ovi {

absl::StatusOr<std::vector<Job>> SqliteJobStore::Expired(absl::Time now, int64_t limit) const {
  MutexLock lock(reader_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteQuery query,
                       reader_.database->Query("SELECT " OVI_JOB_COLUMNS
                                               " FROM jobs WHERE expire_time <= ? ORDER BY expire_time LIMIT ?"));
  query.Bind(1, ToColumn(now));
  query.Bind(2, limit);
  return ReadJobs(query);
}

absl::Status SqliteJobStore::ForgetArtifact(const JobId& id, std::optional<absl::Time> expire_time) {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  OVI_ASSIGN_OR_RETURN(const Job job, FindJob(*writer_.database, id));
  if (!IsTerminal(job.state)) return NotEnded(job);
  JobEnd end = EndOf(job);
  end.artifact.reset();
  end.expire_time = expire_time;
  OVI_RETURN_IF_ERROR(StoreEnd(id, end, std::nullopt));
  return transaction.Commit();
}

absl::StatusOr<int64_t> SqliteJobStore::ArtifactBytes() const {
  MutexLock lock(reader_.mutex);
  return OneNumber(*reader_.database, kArtifactBytes);
}

absl::StatusOr<std::optional<WebhookDelivery>> SqliteJobStore::TakeWebhook(absl::Time now, absl::Time again) {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  WebhookDelivery delivery;
  {
    OVI_ASSIGN_OR_RETURN(
        SqliteQuery query,
        writer_.database->Query("UPDATE jobs SET webhook_time = ?, webhook_attempts = webhook_attempts + 1 WHERE "
                                "sequence = (SELECT sequence FROM jobs WHERE webhook_time <= ? ORDER BY webhook_time "
                                "LIMIT 1) RETURNING " OVI_JOB_COLUMNS ", webhook_attempts"));
    query.Bind(1, ToColumn(again));
    query.Bind(2, ToColumn(now));
    OVI_ASSIGN_OR_RETURN(const bool found, query.Next());
    if (!found) return std::nullopt;
    OVI_ASSIGN_OR_RETURN(delivery.job, ReadJob(query));
    delivery.attempt = query.Integer(kJobColumns);
  }
  OVI_RETURN_IF_ERROR(transaction.Commit());
  return delivery;
}

absl::Status SqliteJobStore::SetWebhookTime(const JobId& id, std::optional<absl::Time> next) {
  MutexLock lock(writer_.mutex);
  OVI_ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*writer_.database));
  OVI_RETURN_IF_ERROR(FindJob(*writer_.database, id).status());
  {
    OVI_ASSIGN_OR_RETURN(SqliteQuery query, writer_.database->Query("UPDATE jobs SET webhook_time = ? WHERE id = ?"));
    query.Bind(1, ToColumn(next));
    query.BindText(2, id.value());
    OVI_RETURN_IF_ERROR(query.Run());
  }
  return transaction.Commit();
}

}  // namespace ovi
