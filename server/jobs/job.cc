#include "server/jobs/job.h"

#include <array>
#include <utility>

namespace ovi {
namespace {

constexpr std::array<std::pair<JobState, std::string_view>, 6> kNames = {{
    {JobState::kQueued, "QUEUED"},
    {JobState::kRunning, "RUNNING"},
    {JobState::kSucceeded, "SUCCEEDED"},
    {JobState::kFailed, "FAILED"},
    {JobState::kCancelled, "CANCELLED"},
    {JobState::kExpired, "EXPIRED"},
}};

}  // namespace

bool IsTerminal(JobState state) { return state != JobState::kQueued && state != JobState::kRunning; }

std::string_view JobStateName(JobState state) {
  for (const auto& [value, name] : kNames) {
    if (value == state) return name;
  }
  return "STATE_UNSPECIFIED";
}

std::optional<JobState> ParseJobState(std::string_view text) {
  for (const auto& [value, name] : kNames) {
    if (name == text) return value;
  }
  return std::nullopt;
}

int64_t HeadStartOf(JobPriority priority) {
  switch (priority) {
    case JobPriority::kLow:
      return -kPriorityHeadStart;
    case JobPriority::kNormal:
      return 0;
    case JobPriority::kHigh:
      return kPriorityHeadStart;
  }
  return 0;
}

std::shared_ptr<const ClipSpec> WithoutFirstFrame(std::shared_ptr<const ClipSpec> clip) {
  if (clip == nullptr || clip->first_frame.empty()) return clip;
  auto copy = std::make_shared<ClipSpec>(*clip);
  copy->first_frame = std::string();
  return copy;
}

}  // namespace ovi
