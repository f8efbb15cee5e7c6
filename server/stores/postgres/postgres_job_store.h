// Jobs in a PostgreSQL database, for several servers with one queue.
//
// A claim is a lease on the database's clock: whoever makes a job renews it, and one that is over is anybody's. Each
// claim has a number, and what is written under an older one is refused, so that a job ends once whatever a server that
// was held up still believes. What changes is told to the other servers by NOTIFY, as a hint.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/jobs/job_store.h"
#include "server/stores/postgres/postgres_listener.h"
#include "server/stores/postgres/postgres_pool.h"

namespace ovi {

struct PostgresOptions {
  std::string address;  // as CheckPostgresAddress accepts it
  // How long a claim holds without Renew.
  absl::Duration lease = absl::Seconds(60);
  // Tells this server from all others, and stays the same when it starts again: what ran here is given up at once then.
  std::string server_uid;
};

class PostgresJobStore final : public JobStore {
 public:
  // Creates the tables if need be, and brings older ones up to date. Errors: FailedPrecondition (it lets us not in, or
  // a newer server wrote it), and those of JobStore.
  static absl::StatusOr<std::unique_ptr<PostgresJobStore>> Open(const PostgresOptions& options);
  ~PostgresJobStore() override;

  bool lasts() const override { return true; }
  bool shared() const override { return true; }
  const std::string& uid() const override { return uid_; }
  absl::StatusOr<int64_t> NextEra() override;
  // Besides the errors of every store: Unavailable where the connection was lost during the commit, so that the job may
  // be there or not; with a request id, asking again finds out.
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
  absl::StatusOr<std::vector<JobGlance>> Unfinished() const override;
  void OnNews(std::function<void()> on_news) override;

 private:
  explicit PostgresJobStore(const PostgresOptions& options);
  absl::Status Prepare();
  // Tells the other servers, once the transaction is committed, that a job changed.
  absl::Status Tell(PostgresConnection& connection) const;
  // Writes what a job left, inside a transaction.
  static absl::Status StoreEnd(PostgresConnection& connection, const JobId& id, const JobEnd& end,
                               std::optional<absl::Time> webhook_time);

  const PostgresOptions options_;
  const std::string lease_seconds_;
  std::string uid_;           // once prepared
  const std::string sender_;  // of our own notifications: a UUID
  mutable PostgresPool pool_;
  std::unique_ptr<PostgresListener> listener_;
};

}  // namespace ovi
