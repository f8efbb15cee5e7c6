// The refusals that concern jobs, and ends of jobs that more than one place gives, each with its reason, its value and
// its remedy; the same from every store.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/jobs/job.h"

namespace ovi {

absl::Status NoSuchJob(const JobId& id);                           // NotFound, JOB_NOT_FOUND
absl::Status AlreadyEnded(const Job& job);                         // FailedPrecondition, JOB_HAS_ENDED
absl::Status NotEnded(const Job& job);                             // FailedPrecondition, JOB_HAS_NOT_ENDED
absl::Status ChangedMeanwhile(const Job& job, JobState expected);  // Aborted, JOB_CHANGED
// OK if `stored` has the state and the claim of `seen`; else ChangedMeanwhile.
absl::Status CheckUnchanged(const Job& stored, const Job& seen);
absl::Status QueueFull(int64_t max_queued);        // ResourceExhausted, QUEUE_FULL, retry later
absl::Status QueueFullForYou(int64_t max_queued);  // the same, QUEUE_FULL_FOR_PRINCIPAL
absl::Status ServerDraining();                     // Unavailable, SERVER_DRAINING, retry later

// Whether asking again may help: a store that cannot be reached, or whose disk is full.
bool MayPass(const absl::Status& status);

absl::Status CancelledWhileRunning();  // Cancelled, JOB_CANCELLED
absl::Status Poisonous(int attempts);  // Aborted, JOB_POISONOUS

// OK if `body` is what `stored` was submitted with; else AlreadyExists, REQUEST_ID_REUSED, naming the fields that
// differ.
absl::Status CheckSameBody(const Job& stored, const std::map<std::string, std::string>& body,
                           std::string_view request_id);

}  // namespace ovi
