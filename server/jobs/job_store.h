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
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

// How many jobs may wait, and what their artifacts may take.
struct QueueLimits {
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
  int64_t jobs = kNone;
  int64_t jobs_per_principal = kNone;
  int64_t stored_bytes = kNone;  // of the artifacts that are there and of those that are expected
  int64_t free_bytes = kNone;    // of the artifacts that are expected
};

// What a listing asks for: up to `limit` matching jobs with a sequence below `before`, newest first.
struct JobQuery {
  JobFilter filter;
  std::optional<std::string> principal;  // absent: of everybody
  int64_t limit = 0;
  int64_t before = std::numeric_limits<int64_t>::max();
};

// What a job leaves behind when it ends.
struct JobEnd {
  JobState state = JobState::kFailed;
  absl::Time time;
  std::optional<absl::Time> expire_time;
  absl::Status error;
  std::optional<JobArtifact> artifact;
  JobProgress progress;
  std::vector<MemoryReading> memory;
};

// A webhook that is due, and which try this is: 1 the first time.
struct WebhookDelivery {
  Job job;
  int64_t attempt = 0;
};

// A job that has not ended, at a glance: what a server compares its own memory with.
struct JobGlance {
  JobId id;
  std::pair<int64_t, int64_t> turn;  // Job::Turn
  bool running = false;              // false: queued
  int64_t claim = 0;
  int attempts = 0;
  bool cancel_requested = false;
  JobProgress progress;  // as of the last Renew
};

// Whether an attempt that came to nothing counts. One that ended with the process does, as the job may be why; one that
// an orderly shutdown cut short does not.
enum class Attempt { kCounts, kDoesNotCount };

// What a job that has ended left.
JobEnd EndOf(const Job& job);

class JobStore {
 public:
  virtual ~JobStore() = default;

  // Whether jobs are still there for the next server.
  virtual bool lasts() const = 0;
  // Whether other servers may use it at the same time. Then a claim holds for a while only, and Renew prolongs it.
  virtual bool shared() const = 0;
  // 16 of [0-9a-f] that tell this store from every other, drawn when it was created: the mark of its artifacts, so that
  // whoever finds one in a folder or a bucket that several share knows whether it is of this store.
  virtual const std::string& uid() const = 0;

  // 1 the first time, and more with each call, over restarts and for all servers that use the store. No clock has a
  // say.
  virtual absl::StatusOr<int64_t> NextEra() = 0;

  // Stores a queued job and gives it its sequence; or returns the job already stored for `request_id` (empty: none), as
  // submitting twice is submitting once. AlreadyExists, naming the fields, if that one had another body;
  // ResourceExhausted if as many jobs wait as `limits` allows, or its artifact
  // would be too much (server/jobs/storage.h).
  virtual absl::StatusOr<InsertResult> Insert(const Job& job, std::string_view request_id,
                                              const QueueLimits& limits) = 0;

  virtual absl::StatusOr<Job> Get(const JobId& id) const = 0;
  virtual absl::StatusOr<JobPage> List(const JobQuery& query) const = 0;

  // Every queued job, in the order in which Claim takes them: by Job::Turn.
  virtual absl::StatusOr<std::vector<Job>> Queued() const = 0;

  // Running jobs that nobody makes any more. In a shared store those whose claim was not renewed in time: the caller
  // has a new claim on each, so that no other server gives it up too. In another one all that run, so it is asked when
  // a server starts.
  virtual absl::StatusOr<std::vector<Job>> Abandoned() const = 0;

  // Makes the first queued job RUNNING, counts the attempt and returns it with a new claim; nothing if none waits.
  virtual absl::StatusOr<std::optional<Job>> Claim(absl::Time now) = 0;

  // Says that the claim on a running job is still worked on, and how far. Returns the job as it is stored, so that a
  // cancel request made elsewhere is seen. Aborted if the claim was lost: somebody else has the job, or it ended.
  virtual absl::StatusOr<Job> Renew(const Job& claimed, const JobProgress& progress) = 0;

  // Makes a running job QUEUED again, in its old place. Aborted if it is not running, or under another claim.
  virtual absl::StatusOr<Job> Requeue(const Job& running, Attempt attempt) = 0;

  // Notes that somebody wants a queued or running job to end. FailedPrecondition for one that has ended.
  virtual absl::StatusOr<Job> RequestCancel(const JobId& id, absl::Time now) = 0;

  // Ends a job that still has the state and the claim of `seen`. Aborted if it has not, so that of cancel, finish and
  // another server's finish one wins.
  virtual absl::StatusOr<Job> End(const Job& seen, const JobEnd& end) = 0;

  // Forgets a job that has ended, and its request id. FailedPrecondition for one that has not.
  virtual absl::Status Delete(const JobId& id) = 0;

  // Ended jobs whose expire_time is at or before `now`, the earliest first, up to `limit`.
  virtual absl::StatusOr<std::vector<Job>> Expired(absl::Time now, int64_t limit) const = 0;
  // Takes the artifact, if any, out of an ended job's record, as its bytes are deleted, and sets when the record is.
  virtual absl::Status ForgetArtifact(const JobId& id, std::optional<absl::Time> expire_time) = 0;
  // The bytes of all artifacts that records name.
  virtual absl::StatusOr<int64_t> ArtifactBytes() const = 0;

  // An ended job that has a webhook to be told at or before `now`, and is not told by anybody else before `again`: the
  // delivery is counted and due again then. Nothing if there is none.
  virtual absl::StatusOr<std::optional<WebhookDelivery>> TakeWebhook(absl::Time now, absl::Time again) = 0;
  // When to tell it again; nothing: never.
  virtual absl::Status SetWebhookTime(const JobId& id, std::optional<absl::Time> next) = 0;

  // Of a shared store alone. Every job that has not ended, in no order.
  virtual absl::StatusOr<std::vector<JobGlance>> Unfinished() const {
    return absl::UnimplementedError("no other server uses this store");
  }
  // Has `on_news` called, on a thread of the store's, when another server may have changed a job: a hint, which may
  // come late or never. Null: it is not called any more when this returns.
  virtual void OnNews(std::function<void()> /*on_news*/) {}
};

}  // namespace ovi
