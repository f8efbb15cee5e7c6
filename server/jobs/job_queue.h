// Every rule about jobs: submit, look, cancel, delete on one side; take and finish on the worker's.
//
// A job is stored before it is acknowledged, and a state is stored before it is announced. Thread-safe. A call may
// block for the store. Errors are the store's (job_store.h) and those of job_errors.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "server/artifacts/artifact_store.h"
#include "server/jobs/job_events.h"
#include "server/jobs/job_store.h"
#include "server/jobs/job_telemetry.h"
#include "server/jobs/other_servers.h"
#include "server/jobs/running_job.h"
#include "server/jobs/step_times.h"
#include "server/jobs/waiting_jobs.h"

namespace ovi {

// A job as of now: the record, and what only this process knows of it.
struct JobView {
  Job job;
  std::optional<QueuePlace> place;  // QUEUED
  int64_t last_event_number = 0;
  // No server gave a higher number. Above last_event_number where others may have told more of the job, or something
  // else under the same number: of a store that several share.
  int64_t highest_event_number = 0;
  std::optional<SignedUri> signed_uri;  // of the artifact, where the store makes such
};

struct JobViewPage {
  std::vector<JobView> jobs;
  bool more = false;
};

// What a queue works with; all of it outlives the queue.
struct JobParts {
  const Clock& clock;
  JobStore& store;
  ArtifactStore& artifacts;
  JobEvents& events;
  StepTimes& times;
  RunningJob& running;
  JobTelemetry& telemetry;
};

struct QueueRules {
  QueueLimits limits;
  // How long record and result of a job without a ttl of its own are kept after its end; absent: for ever.
  std::optional<absl::Duration> default_ttl;
};

class JobQueue {
 public:
  JobQueue(const JobParts& parts, const QueueRules& rules) : parts_(parts), rules_(rules) {}

  // Takes up what the store holds from an earlier process, and from other servers: queued jobs wait again in their old
  // places, those that ran are queued again, or FAILED, JOB_POISONOUS, once `max_attempts` attempts ended with the
  // process. Call it once, first.
  absl::Status Restore(int max_attempts);

  // Where other servers use the store too (job_queue_shared.cc); nothing elsewhere. Takes over what they changed since
  // the last time: what waits, what runs, what was asked of jobs that run here, and tells it.
  absl::Status CatchUp();
  // Does with jobs whose server was not heard of in time what Restore does.
  absl::Status TakeUpAbandoned();
  // The job that ran here is another server's: what becomes of it is told as that of every other job.
  void Lose(const Job& job);

  // Submitting twice with one `request_id` (empty: none) returns the first one's job. `max_queued_of_principal`
  // replaces what the rules say for this one.
  absl::StatusOr<JobView> Submit(JobSpec spec, std::string_view request_id,
                                 std::optional<int64_t> max_queued_of_principal = std::nullopt);
  absl::StatusOr<JobView> Get(const JobId& id) const;
  absl::StatusOr<JobViewPage> List(const JobQuery& query) const;
  // A queued job has ended when this returns; a running one ends after the network call it is in.
  absl::StatusOr<JobView> Cancel(const JobId& id);
  // The record, its events and its artifact.
  absl::Status Delete(const JobId& id);
  int queued() const;
  int running() const { return parts_.running.UntilEnd().has_value() ? 1 : 0; }

  // Waits for a job and makes it the running one; nothing once Close was called. While the store cannot be asked, it is
  // asked again twice a second.
  std::optional<Job> Take();
  // Stores and announces the end of the running job. While the store cannot be reached or its disk is full, it tries
  // again, until Close: the clip is there, and another one could not be stored either.
  absl::Status Finish(const Job& job, const JobEnd& end);
  // Queues the running job again, where the store lasts, because the server stops: the next one makes it.
  absl::Status PutBack(const Job& job);
  // Ends queued jobs whose deadline is past. The worker calls it between network calls: whenever jobs wait, one runs.
  void ExpireOverdue();

  // No job is submitted or taken from here on. Those that wait stay for the next server where the store lasts, and end
  // where it does not.
  void Close();
  bool closed() const;

 private:
  absl::StatusOr<std::optional<Job>> TryToTake();
  absl::Status TryToFinish(const Job& job, const JobEnd& end);
  absl::Status RestoreRunning(const Job& job) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_);
  // Ends a job that nobody makes now: stored, then announced.
  absl::StatusOr<Job> EndUnmade(const Job& seen, JobState state, const absl::Status& error)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_);
  // The same for a queued one, with a line in the log.
  absl::StatusOr<Job> EndQueued(const Job& seen, JobState state, const absl::Status& error)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_);
  std::optional<absl::Time> ExpireTime(const JobSpec& spec, absl::Time end) const;
  // Opens the job's events if it has none yet. False if it had.
  bool OpenEvents(const Job& job, std::optional<int64_t> given = std::nullopt) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_);
  void TellPlaces() ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_);
  BeingMade AllBeingMade() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Status CatchUpInOrder() ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_);
  absl::Status TakeUpAbandonedInOrder() ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_);
  absl::Status SeeQueued(const JobGlance& glance) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_);
  absl::Status SeeRunning(const JobGlance& glance) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_);
  // A job that waited or ran elsewhere when last seen, and does neither now.
  absl::Status SeeGone(const JobId& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(order_);

  JobView View(Job job) const;
  // What this process adds to a record, but for the place.
  JobView Described(Job job) const;

  const JobParts parts_;
  const QueueRules rules_;
  // Held while a state is stored and then announced, so that announcements come in the order of the states. Taken
  // before mutex_, which is never held while the store works.
  Mutex order_;
  int max_attempts_ ABSL_GUARDED_BY(order_) = 1;
  OtherServers others_ ABSL_GUARDED_BY(order_);
  mutable Mutex mutex_;
  CondVar changed_;
  WaitingJobs waiting_ ABSL_GUARDED_BY(mutex_);
  BeingMade elsewhere_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace ovi
