#include "server/stores/postgres/postgres_job_store.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "server/jobs/job_errors.h"
#include "server/jobs/job_listing.h"
#include "server/jobs/storage.h"
#include "server/stores/postgres/job_rows.h"
#include "server/stores/postgres/postgres_locks.h"
#include "server/stores/postgres/postgres_schema.h"
#include "server/stores/record/job_record.h"

namespace ovi {
namespace {

// An array literal for state = ANY(...).
std::string ArrayOf(const std::vector<JobState>& states) {
  return absl::StrFormat(
      "{%s}", absl::StrJoin(states, ",", [](std::string* out, JobState state) { out->append(JobStateName(state)); }));
}

absl::StatusOr<int64_t> Count(PostgresConnection& connection, const char* sql,
                              const std::vector<PostgresValue>& values) {
  OVI_ASSIGN_OR_RETURN(const PostgresRows rows, connection.Query(sql, values));
  return rows[0].Integer(0);
}

absl::Status CheckQueue(PostgresConnection& connection, const std::string& principal, const QueueLimits& limits) {
  OVI_ASSIGN_OR_RETURN(const int64_t all,
                       Count(connection, "SELECT count(*) FROM ovi_jobs WHERE state = 'QUEUED'", {}));
  if (all >= limits.jobs) return QueueFull(limits.jobs);
  if (limits.jobs_per_principal >= limits.jobs) return absl::OkStatus();
  OVI_ASSIGN_OR_RETURN(const int64_t own,
                       Count(connection, "SELECT count(*) FROM ovi_jobs WHERE state = 'QUEUED' AND principal = $1",
                             {std::string_view(principal)}));
  if (own >= limits.jobs_per_principal) return QueueFullForYou(limits.jobs_per_principal);
  return absl::OkStatus();
}

absl::Status CheckStorage(PostgresConnection& connection, const Job& job, const QueueLimits& limits) {
  if (limits.stored_bytes == QueueLimits::kNone && limits.free_bytes == QueueLimits::kNone) return absl::OkStatus();
  OVI_ASSIGN_OR_RETURN(const PostgresRows rows,
                       connection.Query("SELECT coalesce(sum(artifact_bytes), 0)::bigint, "
                                        "coalesce(sum(reserved_bytes), 0)::bigint FROM ovi_jobs WHERE "
                                        "artifact_bytes > 0 OR reserved_bytes > 0"));
  return CheckRoom({.artifact_bytes = rows[0].Integer(0), .reserved_bytes = rows[0].Integer(1)}, job, limits);
}

// Whether `ended` is what `end` makes of a job: then it was this very call that ended it, and its answer was lost.
bool IsEndedBy(const Job& ended, const JobEnd& end) {
  const auto key = [](const std::optional<JobArtifact>& artifact) { return artifact ? artifact->file.key : ""; };
  return ended.state == end.state && ended.end_time == end.time && key(ended.artifact) == key(end.artifact);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresJobStore>> PostgresJobStore::Open(const PostgresOptions& options) {
  std::unique_ptr<PostgresJobStore> store(new PostgresJobStore(options));
  OVI_RETURN_IF_ERROR(store->Prepare());
  return store;
}

PostgresJobStore::PostgresJobStore(const PostgresOptions& options)
    : options_(options),
      lease_seconds_(absl::StrFormat("%.3f", absl::ToDoubleSeconds(options.lease))),
      sender_(RandomUuid()),
      pool_(options.address) {}

PostgresJobStore::~PostgresJobStore() = default;

absl::Status PostgresJobStore::Prepare() {
  // A connection of its own, whose errors tell whoever starts the server all there is to know.
  OVI_ASSIGN_OR_RETURN(const auto connection, PostgresConnection::Open(options_.address));
  OVI_RETURN_IF_ERROR(BringUpToDate(*connection));
  OVI_ASSIGN_OR_RETURN(const PostgresRows store, connection->Query("SELECT uid FROM ovi_store"));
  if (store.size() != 1) return absl::DataLossError("the job database has no uid; restore a backup of it");
  uid_ = std::string(store[0].Bytes(0));
  // Nobody waits for the lease of a server that is gone.
  return connection
      ->Query("UPDATE ovi_jobs SET lease_until = clock_timestamp() WHERE state = 'RUNNING' AND server = $1",
              {std::string_view(options_.server_uid)})
      .status();
}

absl::StatusOr<int64_t> PostgresJobStore::NextEra() {
  return pool_.Write([&](PostgresConnection& connection) -> absl::StatusOr<int64_t> {
    return Count(connection, "UPDATE ovi_store SET last_era = last_era + 1 RETURNING last_era", {});
  });
}

absl::Status PostgresJobStore::Tell(PostgresConnection& connection) const {
  return connection.Execute(PostgresListener::NewsStatement(sender_));
}

void PostgresJobStore::OnNews(std::function<void()> on_news) {
  listener_.reset();
  if (on_news == nullptr) return;
  listener_ = std::make_unique<PostgresListener>(options_.address, sender_, std::move(on_news));
}

absl::StatusOr<InsertResult> PostgresJobStore::Insert(const Job& job, std::string_view request_id,
                                                      const QueueLimits& limits) {
  const std::string spec = EncodeSpec(job), &first_frame = job.spec.clip->first_frame;
  return pool_.Write([&](PostgresConnection& connection) -> absl::StatusOr<InsertResult> {
    // One after another over all servers: so nobody counts past another's job, and jobs are seen in the order of their
    // sequences.
    OVI_RETURN_IF_ERROR(
        connection.Execute(absl::StrFormat("SELECT pg_advisory_xact_lock(%d, %d)", kLockClass, kInsertLock)));
    if (!request_id.empty()) {
      OVI_ASSIGN_OR_RETURN(
          const PostgresRows rows,
          connection.Query("SELECT " OVI_JOB_COLUMNS " FROM ovi_jobs WHERE principal = $1 AND request_id = $2",
                           {std::string_view(job.spec.principal), request_id}));
      OVI_ASSIGN_OR_RETURN(std::optional<Job> stored, ReadOne(rows));
      if (stored.has_value()) {
        OVI_RETURN_IF_ERROR(CheckSameBody(*stored, job.spec.body, request_id));
        return InsertResult{.job = *std::move(stored), .created = false};
      }
    }
    OVI_RETURN_IF_ERROR(CheckQueue(connection, job.spec.principal, limits));
    OVI_RETURN_IF_ERROR(CheckStorage(connection, job, limits));
    OVI_ASSIGN_OR_RETURN(
        const int64_t sequence,
        Count(connection,
              "INSERT INTO ovi_jobs (id, state, principal, request_id, create_time, spec, first_frame, head_start, "
              "reserved_bytes) VALUES ($1, 'QUEUED', $2, $3, $4, $5, $6, $7, $8) RETURNING sequence",
              {std::string_view(job.id.value()), std::string_view(job.spec.principal),
               request_id.empty() ? PostgresValue::Null() : PostgresValue(request_id), ToColumn(job.create_time),
               PostgresValue::Bytes(spec),
               first_frame.empty() ? PostgresValue::Null() : PostgresValue::Bytes(first_frame),
               HeadStartOf(job.spec.priority), job.spec.reserved_bytes}));
    OVI_RETURN_IF_ERROR(Tell(connection));
    Job stored = job;
    stored.spec.clip = WithoutFirstFrame(std::move(stored.spec.clip));
    stored.state = JobState::kQueued;
    stored.sequence = sequence;
    return InsertResult{.job = std::move(stored), .created = true};
  });
}

absl::StatusOr<Job> PostgresJobStore::Get(const JobId& id) const {
  return pool_.Read([&](PostgresConnection& connection) { return FindJob(connection, id); });
}

absl::StatusOr<JobPage> PostgresJobStore::List(const JobQuery& query) const {
  const std::string states = ArrayOf(StatesOf(query.filter));
  return CollectPage(query, [&](int64_t before, int64_t limit) {
    return pool_.Read([&](PostgresConnection& connection) -> absl::StatusOr<std::vector<Job>> {
      OVI_ASSIGN_OR_RETURN(
          const PostgresRows rows,
          query.principal.has_value()
              ? connection.Query("SELECT " OVI_JOB_COLUMNS
                                 " FROM ovi_jobs WHERE sequence < $1 AND state = ANY($2::text[]) AND principal = $4 "
                                 "ORDER BY sequence DESC LIMIT $3",
                                 {before, std::string_view(states), limit, std::string_view(*query.principal)})
              : connection.Query("SELECT " OVI_JOB_COLUMNS
                                 " FROM ovi_jobs WHERE sequence < $1 AND state = ANY($2::text[]) "
                                 "ORDER BY sequence DESC LIMIT $3",
                                 {before, std::string_view(states), limit}));
      return ReadJobs(rows);
    });
  });
}

absl::StatusOr<Job> PostgresJobStore::RequestCancel(const JobId& id, absl::Time now) {
  return pool_.Write([&](PostgresConnection& connection) -> absl::StatusOr<Job> {
    OVI_ASSIGN_OR_RETURN(Job job, LockJob(connection, id));
    if (IsTerminal(job.state)) return AlreadyEnded(job);
    if (job.cancel_request_time.has_value()) return job;
    OVI_RETURN_IF_ERROR(connection
                            .Query("UPDATE ovi_jobs SET cancel_request_time = $1 WHERE id = $2",
                                   {ToColumn(now), std::string_view(id.value())})
                            .status());
    OVI_RETURN_IF_ERROR(Tell(connection));
    job.cancel_request_time = now;
    return job;
  });
}

absl::StatusOr<Job> PostgresJobStore::End(const Job& seen, const JobEnd& end) {
  return pool_.Write([&](PostgresConnection& connection) -> absl::StatusOr<Job> {
    OVI_ASSIGN_OR_RETURN(const Job job, LockJob(connection, seen.id));
    if (IsTerminal(job.state) && job.claim == seen.claim && IsEndedBy(job, end)) return job;
    OVI_RETURN_IF_ERROR(CheckUnchanged(job, seen));
    OVI_RETURN_IF_ERROR(
        StoreEnd(connection, job.id, end, job.spec.webhook.has_value() ? std::optional(end.time) : std::nullopt));
    OVI_RETURN_IF_ERROR(Tell(connection));
    return FindJob(connection, job.id);
  });
}

absl::Status PostgresJobStore::StoreEnd(PostgresConnection& connection, const JobId& id, const JobEnd& end,
                                        std::optional<absl::Time> webhook_time) {
  const std::string ending = EncodeEnd(end);
  return connection
      .Query(
          "UPDATE ovi_jobs SET state = $1, end_time = $2, ending = $3, expire_time = $4, artifact_bytes = $5, "
          "reserved_bytes = 0, webhook_time = coalesce(webhook_time, $6), first_frame = NULL, progress = NULL, "
          "lease_until = NULL, "
          "server = NULL WHERE id = $7",
          {JobStateName(end.state), ToColumn(end.time), PostgresValue::Bytes(ending), ToColumn(end.expire_time),
           end.artifact.has_value() ? end.artifact->file.size_bytes : int64_t{0}, ToColumn(webhook_time),
           std::string_view(id.value())})
      .status();
}

absl::Status PostgresJobStore::Delete(const JobId& id) {
  return pool_
      .Write([&](PostgresConnection& connection) -> absl::StatusOr<Job> {
        OVI_ASSIGN_OR_RETURN(Job job, LockJob(connection, id));
        if (!IsTerminal(job.state)) return NotEnded(job);
        OVI_RETURN_IF_ERROR(
            connection.Query("DELETE FROM ovi_jobs WHERE id = $1", {std::string_view(id.value())}).status());
        return job;
      })
      .status();
}

}  // namespace ovi
