// Deletes what has reached its expire_time: results at once, records a day after their submission at the earliest if
// they have a request id, as that must lead to the same job for so long.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/artifacts/artifact_store.h"
#include "server/jobs/job_events.h"
#include "server/jobs/job_store.h"

namespace ovi {

// How long a request id leads to its job, counted from create_time.
constexpr absl::Duration kRequestIdKept = absl::Hours(24);

// What janitors work with; all of it outlives them.
struct LifecycleParts {
  const Clock& clock;
  JobStore& store;
  ArtifactStore& artifacts;
  JobEvents& events;
};

// Deletes everything that is due, unless told to stop. The bytes go before the record does, so that a record whose
// bytes cannot be deleted now is due again the next time. Returns the first error, and goes on after it.
absl::Status DeleteExpired(const LifecycleParts& parts, const ShouldStop& should_stop);

}  // namespace ovi
