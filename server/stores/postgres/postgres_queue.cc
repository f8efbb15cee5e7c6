// Who makes which job: the part of PostgresJobStore about claims and leases.
#include <utility>

#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "server/jobs/job_errors.h"
#include "server/stores/postgres/job_rows.h"
#include "server/stores/postgres/postgres_job_store.h"
#include "server/stores/record/job_record.h"

namespace ovi {

absl::StatusOr<std::vector<Job>> PostgresJobStore::Queued() const {
  return pool_.Read([&](PostgresConnection& connection) -> absl::StatusOr<std::vector<Job>> {
    OVI_ASSIGN_OR_RETURN(const PostgresRows rows,
                         connection.Query("SELECT " OVI_JOB_COLUMNS " FROM ovi_jobs WHERE state = 'QUEUED' ORDER BY "
                                          "sequence - head_start, sequence"));
    return ReadJobs(rows);
  });
}

absl::StatusOr<std::vector<JobGlance>> PostgresJobStore::Unfinished() const {
  return pool_.Read([&](PostgresConnection& connection) -> absl::StatusOr<std::vector<JobGlance>> {
    OVI_ASSIGN_OR_RETURN(const PostgresRows rows,
                         connection.Query("SELECT id, sequence - head_start, sequence, state, claim, attempts, "
                                          "cancel_request_time, progress FROM ovi_jobs WHERE state IN ('QUEUED', "
                                          "'RUNNING')"));
    std::vector<JobGlance> glances;
    for (int i = 0; i < rows.size(); ++i) {
      const PostgresRow row = rows[i];
      Job job;  // what DecodeProgress fills in
      const std::optional<JobId> id = JobId::Parse(row.Bytes(0));
      if (!id.has_value()) return absl::DataLossError("the job database holds a job without a proper id");
      job.id = *id;
      if (!row.IsNull(7)) OVI_RETURN_IF_ERROR(DecodeProgress(row.Bytes(7), job));
      glances.push_back({.id = *id,
                         .turn = {row.Integer(1), row.Integer(2)},
                         .running = row.Bytes(3) == JobStateName(JobState::kRunning),
                         .claim = row.Integer(4),
                         .attempts = static_cast<int>(row.Integer(5)),
                         .cancel_requested = !row.IsNull(6),
                         .progress = std::move(job.progress)});
    }
    return glances;
  });
}

absl::StatusOr<std::vector<Job>> PostgresJobStore::Abandoned() const {
  // A new claim: who had the job cannot renew it any more, and no other server gives it up at the same time.
  return pool_.Write([&](PostgresConnection& connection) -> absl::StatusOr<std::vector<Job>> {
    OVI_ASSIGN_OR_RETURN(const PostgresRows rows,
                         connection.Query("UPDATE ovi_jobs SET claim = claim + 1, server = $1, lease_until = "
                                          "clock_timestamp() + make_interval(secs => $2) WHERE state = 'RUNNING' AND "
                                          "lease_until <= clock_timestamp() RETURNING " OVI_JOB_COLUMNS,
                                          {std::string_view(options_.server_uid), std::string_view(lease_seconds_)}));
    return ReadJobs(rows);
  });
}

absl::StatusOr<std::optional<Job>> PostgresJobStore::Claim(absl::Time now) {
  return pool_.Write([&](PostgresConnection& connection) -> absl::StatusOr<std::optional<Job>> {
    OVI_ASSIGN_OR_RETURN(
        const PostgresRows rows,
        connection.Query("UPDATE ovi_jobs SET state = 'RUNNING', start_time = $1, attempts = attempts + 1, claim = "
                         "claim + 1, progress = NULL, server = $2, lease_until = clock_timestamp() + "
                         "make_interval(secs => $3) WHERE sequence = (SELECT sequence FROM ovi_jobs WHERE state = "
                         "'QUEUED' ORDER BY sequence - head_start, sequence LIMIT 1 FOR UPDATE SKIP LOCKED) "
                         "RETURNING " OVI_JOB_COLUMNS ", first_frame",
                         {ToColumn(now), std::string_view(options_.server_uid), std::string_view(lease_seconds_)}));
    OVI_ASSIGN_OR_RETURN(std::optional<Job> job, ReadOne(rows));
    if (!job.has_value()) return job;
    OVI_RETURN_IF_ERROR(Tell(connection));
    auto clip = std::make_shared<ClipSpec>(*job->spec.clip);
    clip->first_frame = std::string(rows[0].Bytes(kJobColumns));
    job->spec.clip = std::move(clip);
    return job;
  });
}

absl::StatusOr<Job> PostgresJobStore::Renew(const Job& claimed, const JobProgress& progress) {
  const std::string encoded = EncodeProgress(progress);
  return pool_.Write([&](PostgresConnection& connection) -> absl::StatusOr<Job> {
    OVI_ASSIGN_OR_RETURN(
        const PostgresRows rows,
        connection.Query(
            "UPDATE ovi_jobs SET progress = $1, lease_until = clock_timestamp() + make_interval(secs => $2) "
            "WHERE id = $3 AND state = 'RUNNING' AND claim = $4 RETURNING " OVI_JOB_COLUMNS,
            {PostgresValue::Bytes(encoded), std::string_view(lease_seconds_), std::string_view(claimed.id.value()),
             claimed.claim}));
    OVI_ASSIGN_OR_RETURN(std::optional<Job> renewed, ReadOne(rows));
    if (renewed.has_value()) return *std::move(renewed);
    OVI_ASSIGN_OR_RETURN(const Job job, FindJob(connection, claimed.id));
    return job.state == JobState::kRunning ? CheckUnchanged(job, claimed) : ChangedMeanwhile(job, JobState::kRunning);
  });
}

absl::StatusOr<Job> PostgresJobStore::Requeue(const Job& running, Attempt attempt) {
  return pool_.Write([&](PostgresConnection& connection) -> absl::StatusOr<Job> {
    OVI_ASSIGN_OR_RETURN(Job job, LockJob(connection, running.id));
    if (job.state != JobState::kRunning) return ChangedMeanwhile(job, JobState::kRunning);
    OVI_RETURN_IF_ERROR(CheckUnchanged(job, running));
    if (attempt == Attempt::kDoesNotCount) --job.attempts;
    OVI_RETURN_IF_ERROR(
        connection
            .Query("UPDATE ovi_jobs SET state = 'QUEUED', start_time = NULL, progress = NULL, attempts = "
                   "$1, server = NULL, lease_until = NULL WHERE id = $2",
                   {int64_t{job.attempts}, std::string_view(running.id.value())})
            .status());
    OVI_RETURN_IF_ERROR(Tell(connection));
    job.state = JobState::kQueued;
    job.start_time.reset();
    return job;
  });
}

}  // namespace ovi
