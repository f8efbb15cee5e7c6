#include "server/jobs/job_store.h"

namespace ovi {

JobEnd EndOf(const Job& job) {
  return {.state = job.state,
          .time = job.end_time.value_or(absl::InfinitePast()),
          .expire_time = job.expire_time,
          .error = job.error,
          .artifact = job.artifact,
          .progress = job.progress,
          .memory = job.memory};
}

}  // namespace ovi
