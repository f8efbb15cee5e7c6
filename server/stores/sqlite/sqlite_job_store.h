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
  const std::string& uid() const override { return uid_; }
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
  absl::Status ForgetArtifact(const JobId& id, std::optional<absl::Time> expire_time) override;
  absl::StatusOr<int64_t> ArtifactBytes() const override;
  absl::StatusOr<std::optional<WebhookDelivery>> TakeWebhook(absl::Time now, absl::Time again) override;
  absl::Status SetWebhookTime(const JobId& id, std::optional<absl::Time> next) override;

 private:
  // A connection and the lock of whoever uses it. Readers see what is committed and do not wait for the disk.
  struct Connection {
    std::unique_ptr<SqliteDatabase> database;
    mutable Mutex mutex;
  };
  SqliteJobStore(std::unique_ptr<SqliteDatabase> writer, std::unique_ptr<SqliteDatabase> reader, std::string uid);
  absl::StatusOr<std::vector<Job>> InState(JobState state) const;
  // Up to `limit` jobs with a lower sequence, newest first.
  absl::StatusOr<std::vector<Job>> Before(int64_t sequence, const std::optional<std::string>& principal,
                                          const std::vector<JobState>& states, int64_t limit) const;

  // Jobs that wait, and the bytes that those which have not ended are expected to make.
  struct Counts {
    int64_t queued = 0, reserved_bytes = 0;
  };
  // Commits what changes the counts by so much, and keeps them.
  absl::Status Commit(SqliteTransaction& transaction, const Counts& change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_.mutex);
  absl::Status Count() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_.mutex);
  absl::Status CheckRoomFor(const Job& job, const QueueLimits& limits) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_.mutex);
  // Writes what a job left, inside a transaction.
  absl::Status StoreEnd(const JobId& id, const JobEnd& end, std::optional<absl::Time> webhook_time)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_.mutex);

  const std::string uid_;
  Connection writer_, reader_;
  // Counting ten thousand jobs takes longer than storing one. Nothing: to be counted.
  std::optional<Counts> counts_ ABSL_GUARDED_BY(writer_.mutex);
};

}  // namespace ovi
