// What becomes of a job after its end: the part of PostgresJobStore that janitor and webhooks use.
#include <utility>

#include "base/status_macros.h"
#include "server/jobs/job_errors.h"
#include "server/stores/postgres/job_rows.h"
#include "server/stores/postgres/postgres_job_store.h"

namespace ovi {

absl::StatusOr<std::vector<Job>> PostgresJobStore::Expired(absl::Time now, int64_t limit) const {
  return pool_.Read([&](PostgresConnection& connection) -> absl::StatusOr<std::vector<Job>> {
    OVI_ASSIGN_OR_RETURN(const PostgresRows rows,
                         connection.Query("SELECT " OVI_JOB_COLUMNS
                                          " FROM ovi_jobs WHERE expire_time <= $1 ORDER BY expire_time LIMIT $2",
                                          {ToColumn(now), limit}));
    return ReadJobs(rows);
  });
}

absl::Status PostgresJobStore::ForgetArtifact(const JobId& id, std::optional<absl::Time> expire_time) {
  return pool_
      .Write([&](PostgresConnection& connection) -> absl::StatusOr<Job> {
        OVI_ASSIGN_OR_RETURN(Job job, LockJob(connection, id));
        if (!IsTerminal(job.state)) return NotEnded(job);
        JobEnd end = EndOf(job);
        end.artifact.reset();
        end.expire_time = expire_time;
        OVI_RETURN_IF_ERROR(StoreEnd(connection, id, end, std::nullopt));
        return job;
      })
      .status();
}

absl::StatusOr<int64_t> PostgresJobStore::ArtifactBytes() const {
  return pool_.Read([&](PostgresConnection& connection) -> absl::StatusOr<int64_t> {
    OVI_ASSIGN_OR_RETURN(
        const PostgresRows rows,
        connection.Query("SELECT coalesce(sum(artifact_bytes), 0)::bigint FROM ovi_jobs WHERE artifact_bytes > 0"));
    return rows[0].Integer(0);
  });
}

absl::StatusOr<std::optional<WebhookDelivery>> PostgresJobStore::TakeWebhook(absl::Time now, absl::Time again) {
  return pool_.Write([&](PostgresConnection& connection) -> absl::StatusOr<std::optional<WebhookDelivery>> {
    OVI_ASSIGN_OR_RETURN(
        const PostgresRows rows,
        connection.Query(
            "UPDATE ovi_jobs SET webhook_time = $1, webhook_attempts = webhook_attempts + 1 WHERE sequence = "
            "(SELECT sequence FROM ovi_jobs WHERE webhook_time <= $2 ORDER BY webhook_time LIMIT 1 FOR "
            "UPDATE SKIP LOCKED) RETURNING " OVI_JOB_COLUMNS ", webhook_attempts",
            {ToColumn(again), ToColumn(now)}));
    OVI_ASSIGN_OR_RETURN(std::optional<Job> job, ReadOne(rows));
    if (!job.has_value()) return std::nullopt;
    return WebhookDelivery{.job = *std::move(job), .attempt = rows[0].Integer(kJobColumns)};
  });
}

absl::Status PostgresJobStore::SetWebhookTime(const JobId& id, std::optional<absl::Time> next) {
  return pool_
      .Write([&](PostgresConnection& connection) -> absl::StatusOr<Job> {
        OVI_ASSIGN_OR_RETURN(Job job, LockJob(connection, id));
        OVI_RETURN_IF_ERROR(connection
                                .Query("UPDATE ovi_jobs SET webhook_time = $1 WHERE id = $2",
                                       {ToColumn(next), std::string_view(id.value())})
                                .status());
        return job;
      })
      .status();
}

}  // namespace ovi
