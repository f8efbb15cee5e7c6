// Which jobs a listing wants: every clause must hold, and a clause holds if any of its conditions does.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/jobs/job.h"

namespace ovi {

struct JobCondition {
  enum class Subject { kState, kLabel };
  enum class Test { kEquals, kDiffers, kPresent };
  Subject subject = Subject::kState;
  Test test = Test::kEquals;
  JobState state = JobState::kQueued;  // of kState
  std::string key, value;              // of kLabel; a job without the label differs from every value
  bool operator==(const JobCondition&) const = default;
};

struct JobFilter {
  std::vector<std::vector<JobCondition>> clauses;
  bool operator==(const JobFilter&) const = default;
};

bool Matches(const JobFilter& filter, const Job& job);

// The states in which a job can match: all of them unless `filter` speaks of states. For stores that find jobs by
// state.
std::vector<JobState> StatesOf(const JobFilter& filter);

// The part of AIP-160 that ListJobsRequest.filter states: `state = QUEUED OR state = RUNNING`, `labels.album =
// "night"`, `labels.album:*`; OR binds tighter than AND. InvalidArgument, naming what was not understood.
absl::StatusOr<JobFilter> ParseJobFilter(std::string_view text);

}  // namespace ovi
