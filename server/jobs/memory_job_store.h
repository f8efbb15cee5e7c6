// Jobs in memory: gone with the process. For tests, and for whoever wants nothing kept (--job_store=memory).
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "server/jobs/job_store.h"
#include "server/jobs/storage.h"

namespace ovi {

class MemoryJobStore final : public JobStore {
 public:
  bool lasts() const override { return false; }
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
  struct DueWebhook {
    absl::Time time;
    int64_t attempts = 0;
  };
  StorageUse Storage() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Job*> Find(const JobId& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string uid_ = RandomUuid().substr(19, 4) + RandomUuid().substr(24);
  mutable Mutex mutex_;
  int64_t last_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t last_era_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int64_t, Job> jobs_ ABSL_GUARDED_BY(mutex_);  // by sequence
  std::map<JobId, int64_t> sequences_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<int64_t, int64_t>, Job*> queued_ ABSL_GUARDED_BY(mutex_);                  // by turn
  std::map<std::pair<std::string, std::string>, int64_t> request_ids_ ABSL_GUARDED_BY(mutex_);  // with principal
  std::map<int64_t, DueWebhook> webhooks_ ABSL_GUARDED_BY(mutex_);                              // by sequence
};

}  // namespace ovi
