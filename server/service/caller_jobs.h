// The jobs as one caller knows them: his own, and others' where his scopes reach. A job he may not see is answered
// exactly like one that does not exist.
//
// That the caller has the scope for his own jobs is checked before, by whoever admits the call.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "server/access/principal.h"
#include "server/jobs/job_queue.h"

namespace ovi {

// One per call; both references outlive it. Errors: the queue's, and PermissionDenied where the caller sees a job of
// somebody else's and lacks the scope to change it.
class CallerJobs {
 public:
  CallerJobs(JobQueue& queue, const Principal& caller) : queue_(queue), caller_(caller) {}

  absl::StatusOr<JobView> Submit(JobSpec spec, std::string_view request_id);
  absl::StatusOr<JobView> Get(const JobId& id) const;
  absl::StatusOr<JobViewPage> List(JobQuery query) const;
  absl::StatusOr<JobView> Cancel(const JobId& id);
  absl::Status Delete(const JobId& id);

 private:
  absl::Status CheckMayChange(const JobId& id) const;

  JobQueue& queue_;
  const Principal& caller_;
};

}  // namespace ovi
