// One clip in the making, as the store keeps it: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/clip.h"
#include "server/artifacts/artifact_store.h"
#include "server/jobs/job_id.h"
#include "server/jobs/progress.h"

namespace ovi {

enum class JobState { kQueued, kRunning, kSucceeded, kFailed, kCancelled, kExpired };
inline constexpr std::array kJobStates = {JobState::kQueued, JobState::kRunning,   JobState::kSucceeded,
                                          JobState::kFailed, JobState::kCancelled, JobState::kExpired};

// Whether a job in this state has ended; it stays in it for ever.
bool IsTerminal(JobState state);
// "QUEUED", as the API spells it.
std::string_view JobStateName(JobState state);
std::optional<JobState> ParseJobState(std::string_view name);

enum class JobPriority { kLow, kNormal, kHigh };

// Who is served first: the job of the lower turn, and of two with the same the one submitted first. A job of a higher
// class goes before those of the next lower one among the last 100 submitted, and no others: so nothing starves, and no
// clock has a say.
constexpr int64_t kPriorityHeadStart = 100;
int64_t HeadStartOf(JobPriority priority);

// Whom to tell that a job has ended.
struct Webhook {
  std::string uri, secret;  // the secret may be empty: not signed
  bool operator==(const Webhook&) const = default;
};

// What was asked for. Immutable once submitted.
struct JobSpec {
  // Shared: a first frame can be megabytes. A job that has ended keeps its clip without the bytes of the first frame.
  std::shared_ptr<const ClipSpec> clip;
  int64_t first_frame_bytes = 0;
  std::string first_frame_sha256;
  std::map<std::string, std::string> labels;
  // Both counted from create_time.
  std::optional<absl::Duration> start_timeout, finish_timeout;
  JobPriority priority = JobPriority::kNormal;
  std::optional<absl::Duration> ttl;  // counted from end_time; absent: the server's default
  std::optional<Webhook> webhook;
  std::string principal;
  // Submitted with a request id: the record has to be known for a day, whatever its ttl.
  bool has_request_id = false;
  // What its artifact is expected to take at most, until it is there.
  int64_t reserved_bytes = 0;
  // The request as it came, by field; long values as checksums. Two submissions with one request id are held to it.
  std::map<std::string, std::string> body;
};

// The same clip without the bytes of its first frame: for whoever keeps it and does not make it.
std::shared_ptr<const ClipSpec> WithoutFirstFrame(std::shared_ptr<const ClipSpec> clip);

struct JobArtifact {
  StoredArtifact file;
  ClipResult clip;
};

struct Job {
  JobId id;
  std::string uid;
  int64_t sequence = 0;  // grows with each job of a store: the order of submission
  JobSpec spec;
  JobState state = JobState::kQueued;
  absl::Time create_time;
  std::optional<absl::Time> start_time, end_time, cancel_request_time;
  // Of an ended job: when what is there of it, record or result, is deleted; absent: never.
  std::optional<absl::Time> expire_time;
  int attempts = 0;                     // how often a worker took it, but for times cut short by a shutdown
  int64_t claim = 0;                    // grows each time a worker takes it: a fencing token
  JobProgress progress;                 // how far it got
  std::vector<MemoryReading> memory;    // one reading per named point passed
  std::optional<JobArtifact> artifact;  // SUCCEEDED
  absl::Status error;                   // FAILED, CANCELLED, EXPIRED

  // What the queue is sorted by.
  std::pair<int64_t, int64_t> Turn() const { return {sequence - HeadStartOf(spec.priority), sequence}; }

  // InfiniteFuture where there is no such deadline.
  absl::Time StartDeadline() const { return create_time + spec.start_timeout.value_or(absl::InfiniteDuration()); }
  absl::Time FinishDeadline() const { return create_time + spec.finish_timeout.value_or(absl::InfiniteDuration()); }
};

}  // namespace ovi
