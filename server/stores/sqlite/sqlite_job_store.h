// Jobs in an SQLite file: they outlive the process, kill -9 and power failure. For one server; DataDir keeps a second
// one out (server/config/paths.h).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "server/jobs/job_store.h"
#include "server/stores/sqlite/sqlite_database.h"

namespace ovi {

class SqliteJobStore final : public JobStore {
 public:
  // Creates the file if need be, and brings an older one up to date. Errors: FailedPrecondition (it cannot be opened,
  // or a newer server wrote it), DataLoss (it is damaged or no database), and those of JobStore.
  static absl::StatusOr<std::unique_ptr<SqliteJobStore>> Open(const std::string& path);

  bool lasts() const override { return true; }
  bool shared() const override { return false; }
  absl::StatusOr<int64_t> NextEra() override;
  absl::StatusOr<InsertResult> Insert(const Job& job, std::string_view request_id, const QueueLimits& limits) override;
  absl::StatusOr<Job> Get(const JobId& id) const override;
  absl::StatusOr<JobPage> List(const JobQuery& query) const override;
  absl::StatusOr<std::vector<Job>> Queued() const override;
  absl::StatusOr<std::vector<Job>> Abandoned() const override;
  absl::StatusOr<std::optional<Job>> Claim(absl::Time now) override;
  absl::StatusOr<Job> Renew(const Job& claimed, const JobProgress& progress) override;
  absl::StatusOr<Job> Requeue(const Job& running, Attempt attempt) override;
  absl::StatusOr<Job> RequestCancel(const JobId& id, absl::Time now) override;
  absl::StatusOr<Job> End(const Job& seen, const JobEnd& end) override;
  absl::Status Delete(const JobId& id) override;
  absl::StatusOr<std::vector<Job>> Expired(absl::Time now, int64_t limit) const override;
  absl::Status ForgetArtifact(const JobId& id) override;
  absl::StatusOr<int64_t> ArtifactBytes() const override;
  absl::StatusOr<std::optional<WebhookDelivery>> TakeWebhook(absl::Time now, absl::Time again) override;
  absl::Status SetWebhookTime(const JobId& id, std::optional<absl::Time> next) override;

 private:
  // A connection and the lock of whoever uses it. Readers see what is committed and do not wait for the disk.
  struct Connection {
    std::unique_ptr<SqliteDatabase> database;
    mutable Mutex mutex;
  };
  SqliteJobStore(std::unique_ptr<SqliteDatabase> writer, std::unique_ptr<SqliteDatabase> reader);
  absl::StatusOr<std::vector<Job>> InState(JobState state) const;
  // Up to `limit` jobs with a lower sequence, newest first.
  absl::StatusOr<std::vector<Job>> Before(int64_t sequence, const std::optional<std::string>& principal,
                                          const std::vector<JobState>& states, int64_t limit) const;

  // Commits what makes `queued_change` more jobs wait, and keeps count of them.
  absl::Status Commit(SqliteTransaction& transaction, int64_t queued_change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_.mutex);
  // Writes what a job left, inside a transaction.
  absl::Status StoreEnd(const JobId& id, const JobEnd& end, std::optional<absl::Time> webhook_time)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_.mutex);

  Connection writer_, reader_;
  // How many jobs wait: counting ten thousand takes longer than storing one. Nothing: to be counted.
  std::optional<int64_t> queued_ ABSL_GUARDED_BY(writer_.mutex);
};

}  // namespace ovi
