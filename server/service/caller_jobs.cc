#include "server/service/caller_jobs.h"

#include <utility>

#include "base/status_macros.h"
#include "server/access/door.h"
#include "server/jobs/job_errors.h"

namespace ovi {

absl::StatusOr<JobView> CallerJobs::Submit(JobSpec spec, std::string_view request_id) {
  spec.principal = caller_.name;
  return queue_.Submit(std::move(spec), request_id, caller_.limits.max_queued);
}

absl::StatusOr<JobView> CallerJobs::Get(const JobId& id) const {
  OVI_ASSIGN_OR_RETURN(JobView view, queue_.Get(id));
  if (!caller_.Sees(view.job.spec.principal)) return NoSuchJob(id);
  return view;
}

absl::StatusOr<JobViewPage> CallerJobs::List(JobQuery query) const {
  if (!caller_.scopes.Has(Scope::kReadAll)) query.principal = caller_.name;
  return queue_.List(query);
}

absl::StatusOr<JobView> CallerJobs::Cancel(const JobId& id) {
  OVI_RETURN_IF_ERROR(CheckMayChange(id));
  return queue_.Cancel(id);
}

absl::Status CallerJobs::Delete(const JobId& id) {
  OVI_RETURN_IF_ERROR(CheckMayChange(id));
  return queue_.Delete(id);
}

// The owner of a job never changes and an id is never used again, so nothing can come between this and the change.
absl::Status CallerJobs::CheckMayChange(const JobId& id) const {
  OVI_ASSIGN_OR_RETURN(const JobView view, Get(id));
  return view.job.spec.principal == caller_.name ? absl::OkStatus() : RequireScope(caller_, Scope::kAdmin);
}

}  // namespace ovi
