#include "server/lifecycle/expiry.h"

#include <vector>

#include "base/log.h"
#include "base/status_macros.h"

namespace ovi {
namespace {

constexpr int64_t kBatch = 100;

absl::Status DeleteOne(const LifecycleParts& parts, const Job& job, absl::Time now) {
  const log::JobScope about(job.id.value());
  if (job.artifact.has_value()) OVI_RETURN_IF_ERROR(parts.artifacts.Delete(job.artifact->file.key));
  const absl::Time keep_until = job.spec.has_request_id ? job.create_time + kRequestIdKept : absl::InfinitePast();
  const absl::Status done =
      now < keep_until ? parts.store.ForgetArtifact(job.id, keep_until) : parts.store.Delete(job.id);
  if (absl::IsNotFound(done)) return absl::OkStatus();  // somebody else was faster
  OVI_RETURN_IF_ERROR(done);
  if (now >= keep_until) parts.events.Drop(job.id);
  log::Info("its time is over, %s deleted", now < keep_until ? "its result is" : "record and result are");
  return absl::OkStatus();
}

}  // namespace

absl::Status DeleteExpired(const LifecycleParts& parts, const ShouldStop& should_stop) {
  absl::Status first;
  while (first.ok()) {
    const absl::Time now = parts.clock.Now();
    OVI_ASSIGN_OR_RETURN(const std::vector<Job> jobs, parts.store.Expired(now, kBatch));
    for (const Job& job : jobs) {
      if (should_stop != nullptr && should_stop()) return first;
      first.Update(DeleteOne(parts, job, now));
    }
    if (static_cast<int64_t>(jobs.size()) < kBatch) break;
  }
  return first;
}

}  // namespace ovi
