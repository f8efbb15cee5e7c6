#include "server/jobs/job_errors.h"

#include <set>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/field_violations.h"
#include "base/log.h"
#include "server/jobs/status_details.h"

namespace ovi {
namespace {

// A queue moves by one clip at a time; asking more often than this changes nothing.
constexpr absl::Duration kRetryWhenFull = absl::Seconds(10);
// Long enough for a supervisor to start the next server.
constexpr absl::Duration kRetryWhenDraining = absl::Seconds(5);

absl::Status About(const Job& job, absl::Status status, std::string_view reason) {
  status = WithMetadata(WithReason(std::move(status), reason), "job", "jobs/" + job.id.value());
  return WithMetadata(std::move(status), "state", JobStateName(job.state));
}

}  // namespace

absl::Status NoSuchJob(const JobId& id) {
  return WithMetadata(WithReason(absl::NotFoundError(absl::StrFormat(
                                     "there is no job jobs/%s; ListJobs shows those there are", id.value())),
                                 "JOB_NOT_FOUND"),
                      "job", "jobs/" + id.value());
}

absl::Status AlreadyEnded(const Job& job) {
  return About(job,
               absl::FailedPreconditionError(
                   absl::StrFormat("jobs/%s is %s already; only a job that is QUEUED or RUNNING can be "
                                   "cancelled",
                                   job.id.value(), JobStateName(job.state))),
               "JOB_HAS_ENDED");
}

absl::Status NotEnded(const Job& job) {
  return About(
      job,
      absl::FailedPreconditionError(absl::StrFormat("jobs/%s is %s; cancel it or wait for its end before deleting it",
                                                    job.id.value(), JobStateName(job.state))),
      "JOB_HAS_NOT_ENDED");
}

absl::Status ChangedMeanwhile(const Job& job, JobState expected) {
  return About(job,
               absl::AbortedError(absl::StrFormat("jobs/%s is %s, not %s any more; read it again", job.id.value(),
                                                  JobStateName(job.state), JobStateName(expected))),
               "JOB_CHANGED");
}

absl::Status CheckUnchanged(const Job& stored, const Job& seen) {
  if (stored.state == seen.state && stored.claim == seen.claim) return absl::OkStatus();
  if (stored.state != seen.state) return ChangedMeanwhile(stored, seen.state);
  return About(
      stored,
      absl::AbortedError(absl::StrFormat("jobs/%s was taken again since (claim %d, not %d any more); its first "
                                         "maker was not heard of in time",
                                         stored.id.value(), stored.claim, seen.claim)),
      "JOB_CHANGED");
}

bool MayPass(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kResourceExhausted;
}

absl::Status CancelledWhileRunning() {
  return WithReason(absl::CancelledError("cancelled while it was running"), "JOB_CANCELLED");
}

absl::Status Poisonous(int attempts) {
  return WithReason(absl::AbortedError(
                        absl::StrFormat("the server ended without a word %d times while it made this clip, as often as "
                                        "--max_attempts allows; the log of that time tells more",
                                        attempts)),
                    "JOB_POISONOUS");
}

absl::Status QueueFull(int64_t max_queued) {
  absl::Status status = absl::ResourceExhaustedError(
      absl::StrFormat("%d jobs are waiting, as many as this server takes (--max_queued); try again later", max_queued));
  status = WithMetadata(WithReason(std::move(status), "QUEUE_FULL"), "maxQueued", absl::StrFormat("%d", max_queued));
  return WithRetryAfter(std::move(status), kRetryWhenFull);
}

absl::Status QueueFullForYou(int64_t max_queued) {
  absl::Status status = absl::ResourceExhaustedError(
      absl::StrFormat("%d jobs of yours are waiting, as many as one principal may have (--max_queued_per_principal); "
                      "try again when one of them was started, or cancel one",
                      max_queued));
  status = WithMetadata(WithReason(std::move(status), "QUEUE_FULL_FOR_PRINCIPAL"), "maxQueuedPerPrincipal",
                        absl::StrFormat("%d", max_queued));
  return WithRetryAfter(std::move(status), kRetryWhenFull);
}

absl::Status ServerDraining() {
  return WithRetryAfter(
      WithReason(
          absl::UnavailableError("this server is stopping and takes no new job; try again, or ask another server"),
          "SERVER_DRAINING"),
      kRetryWhenDraining);
}

absl::Status CheckSameBody(const Job& stored, const std::map<std::string, std::string>& body,
                           std::string_view request_id) {
  if (stored.spec.body == body) return absl::OkStatus();
  std::set<std::string> fields;
  for (const auto* one : {&stored.spec.body, &body}) {
    for (const auto& [field, value] : *one) {
      const auto here = stored.spec.body.find(field);
      const auto there = body.find(field);
      if (here == stored.spec.body.end() || there == body.end() || here->second != there->second) fields.insert(field);
    }
  }
  const std::string names = absl::StrJoin(fields, ", ");
  absl::Status status = absl::AlreadyExistsError(absl::StrFormat(
      "request_id %s already made jobs/%s, from a request that differs in %s; use a new request_id, or send the "
      "same request",
      log::Escaped(request_id), stored.id.value(), names));
  status = About(stored, std::move(status), "REQUEST_ID_REUSED");
  return WithMetadata(std::move(status), "differingFields", names);
}

}  // namespace ovi
