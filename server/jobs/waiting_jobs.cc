#include "server/jobs/waiting_jobs.h"

#include <algorithm>

namespace ovi {

void WaitingJobs::Add(const Job& job) {
  waiting_.emplace(job.sequence,
                   Waiting{job.id, job.spec.clip, std::min(job.StartDeadline(), job.FinishDeadline()), -1});
}

void WaitingJobs::Remove(const Job& job) { waiting_.erase(job.sequence); }

std::vector<std::pair<JobId, QueuePlace>> WaitingJobs::Places(const StepTimes& times,
                                                              std::optional<Estimate> running) const {
  std::vector<std::pair<JobId, QueuePlace>> places;
  places.reserve(waiting_.size());
  QueuePlace place;
  place.jobs_ahead = running.has_value() ? 1 : 0;
  place.until_start = running.value_or(Estimate());
  for (const auto& [sequence, waiting] : waiting_) {
    const Estimate own = times.Whole(*waiting.clip);
    place.until_end.remaining = place.until_start.remaining + own.remaining;
    place.until_end.first_guess = place.until_start.first_guess || own.first_guess;
    places.emplace_back(waiting.id, place);
    place.until_start = place.until_end;
    ++place.jobs_ahead;
  }
  return places;
}

std::vector<std::pair<JobId, QueuePlace>> WaitingJobs::Moved(const StepTimes& times, std::optional<Estimate> running) {
  std::vector<std::pair<JobId, QueuePlace>> moved;
  size_t index = 0;
  const auto places = Places(times, running);
  for (auto& [sequence, waiting] : waiting_) {
    const auto& place = places[index++];
    if (waiting.told_ahead == place.second.jobs_ahead) continue;
    waiting.told_ahead = place.second.jobs_ahead;
    moved.push_back(place);
  }
  return moved;
}

std::vector<JobId> WaitingJobs::Overdue(absl::Time now) const {
  std::vector<JobId> overdue;
  for (const auto& [sequence, waiting] : waiting_) {
    if (waiting.deadline <= now) overdue.push_back(waiting.id);
  }
  return overdue;
}

}  // namespace ovi
