// Jobs in memory: gone with the process. For tests, and for whoever wants nothing kept (--job_store=memory).
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "server/jobs/job_store.h"

namespace ovi {

class MemoryJobStore final : public JobStore {
 public:
  bool lasts() const override { return false; }
  absl::StatusOr<InsertResult> Insert(const Job& job, std::string_view request_id, int64_t max_queued) override;
  absl::StatusOr<Job> Get(const JobId& id) const override;
  absl::StatusOr<JobPage> List(const JobFilter& filter, int64_t limit, int64_t before) const override;
  absl::StatusOr<std::vector<Job>> Queued() const override;
  absl::StatusOr<std::vector<Job>> Running() const override;
  absl::StatusOr<std::optional<Job>> Claim(absl::Time now) override;
  absl::StatusOr<Job> Requeue(const JobId& id, Attempt attempt) override;
  absl::StatusOr<Job> RequestCancel(const JobId& id, absl::Time now) override;
  absl::StatusOr<Job> End(const JobId& id, JobState from, const JobEnd& end) override;
  absl::Status Delete(const JobId& id) override;

 private:
  absl::StatusOr<Job*> Find(const JobId& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  int64_t last_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int64_t, Job> jobs_ ABSL_GUARDED_BY(mutex_);  // by sequence
  std::map<JobId, int64_t> sequences_ ABSL_GUARDED_BY(mutex_);
  std::map<int64_t, Job*> queued_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, int64_t> request_ids_ ABSL_GUARDED_BY(mutex_);  // with principal
};

}  // namespace ovi
