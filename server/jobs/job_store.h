// The record of every job: what was asked, how far it got, where its result lies.
//
// The store owns the truth: a job is stored before it is acknowledged, and a state is stored before anybody is told.
// Thread-safe; hands out copies. A call may block for one write to disk, so hold no Mutex that others need while
// calling. The bytes of a first frame come with a claimed job; elsewhere they may be missing.
// Errors of every call: NotFound (no such job), Aborted (someone else changed it first: read again), Unavailable (the
// database), ResourceExhausted (its disk is full), DataLoss (it is damaged). Every implementation passes
// tests/unit/job_store_conformance.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/jobs/job.h"
#include "server/jobs/job_filter.h"

namespace ovi {

struct InsertResult {
  Job job;
  bool created = false;  // false: the one already stored for this request id
};

struct JobPage {
  std::vector<Job> jobs;  // newest first
  bool more = false;
};

// What a job leaves behind when it ends.
struct JobEnd {
  JobState state = JobState::kFailed;
  absl::Time time;
  absl::Status error;
  std::optional<JobArtifact> artifact;
  JobProgress progress;
  std::vector<MemoryReading> memory;
};

// Whether an attempt that came to nothing counts. One that ended with the process does, as the job may be why; one that
// an orderly shutdown cut short does not.
enum class Attempt { kCounts, kDoesNotCount };

class JobStore {
 public:
  virtual ~JobStore() = default;

  // Whether jobs are still there for the next server.
  virtual bool lasts() const = 0;

  // Stores a queued job and gives it its sequence; or returns the job already stored for `request_id` (empty: none), as
  // submitting twice is submitting once. AlreadyExists, naming the fields, if that one had another body;
  // ResourceExhausted if `max_queued` jobs wait already.
  virtual absl::StatusOr<InsertResult> Insert(const Job& job, std::string_view request_id, int64_t max_queued) = 0;

  virtual absl::StatusOr<Job> Get(const JobId& id) const = 0;

  // Up to `limit` matching jobs with a sequence below `before`, newest first.
  virtual absl::StatusOr<JobPage> List(const JobFilter& filter, int64_t limit, int64_t before) const = 0;

  // Every queued job, in the order in which Claim takes them.
  virtual absl::StatusOr<std::vector<Job>> Queued() const = 0;

  // Every running job. When a server starts, those that a dead process left.
  virtual absl::StatusOr<std::vector<Job>> Running() const = 0;

  // Makes the first queued job RUNNING, counts the attempt and returns it; nothing if none waits.
  virtual absl::StatusOr<std::optional<Job>> Claim(absl::Time now) = 0;

  // Makes a running job QUEUED again, in its old place. Aborted if it is not running.
  virtual absl::StatusOr<Job> Requeue(const JobId& id, Attempt attempt) = 0;

  // Notes that somebody wants a queued or running job to end. FailedPrecondition for one that has ended.
  virtual absl::StatusOr<Job> RequestCancel(const JobId& id, absl::Time now) = 0;

  // Ends a job that is in state `from`. Aborted if it is not, so that cancel and finish cannot both win.
  virtual absl::StatusOr<Job> End(const JobId& id, JobState from, const JobEnd& end) = 0;

  // Forgets a job that has ended, and its request id. FailedPrecondition for one that has not.
  virtual absl::Status Delete(const JobId& id) = 0;
};

}  // namespace ovi
