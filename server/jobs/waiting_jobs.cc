#include "server/jobs/waiting_jobs.h"

#include <algorithm>
#include <tuple>

namespace ovi {

void WaitingJobs::Add(const Job& job) {
  waiting_.emplace(job.sequence,
                   Waiting{job.id, job.spec.clip, std::min(job.StartDeadline(), job.FinishDeadline()), -1});
}

void WaitingJobs::Remove(const Job& job) { waiting_.erase(job.sequence); }

namespace {

// What clips will take. Those in a row are mostly alike, and ten thousand questions take a while.
class WholeTimes {
 public:
  explicit WholeTimes(const StepTimes& times) : times_(times) {}
  const Estimate& Of(const ClipSpec& clip) {
    const auto key = std::tie(clip.checkpoint, clip.height, clip.width, clip.steps);
    if (last_ == nullptr || key != std::tie(last_->checkpoint, last_->height, last_->width, last_->steps)) {
      last_ = &clip;
      estimate_ = times_.Whole(clip);
    }
    return estimate_;
  }

 private:
  const StepTimes& times_;
  const ClipSpec* last_ = nullptr;
  Estimate estimate_;
};

}  // namespace

template <typename Visit>
void WaitingJobs::Walk(const StepTimes& times, std::optional<Estimate> running, Visit visit) const {
  WholeTimes whole(times);
  QueuePlace place;
  place.jobs_ahead = running.has_value() ? 1 : 0;
  place.until_start = running.value_or(Estimate());
  for (const auto& [sequence, waiting] : waiting_) {
    const Estimate& own = whole.Of(*waiting.clip);
    place.until_end.remaining = place.until_start.remaining + own.remaining;
    place.until_end.first_guess = place.until_start.first_guess || own.first_guess;
    if (!visit(sequence, waiting, place)) return;
    place.until_start = place.until_end;
    ++place.jobs_ahead;
  }
}

std::map<int64_t, QueuePlace> WaitingJobs::PlacesOf(const std::set<int64_t>& sequences, const StepTimes& times,
                                                    std::optional<Estimate> running) const {
  std::map<int64_t, QueuePlace> places;
  if (sequences.empty()) return places;
  Walk(times, running, [&](int64_t sequence, const Waiting&, const QueuePlace& place) {
    if (sequences.contains(sequence)) places.emplace(sequence, place);
    return sequence < *sequences.rbegin();
  });
  return places;
}

std::vector<std::pair<JobId, QueuePlace>> WaitingJobs::Moved(const StepTimes& times, std::optional<Estimate> running) {
  std::vector<std::pair<JobId, QueuePlace>> moved;
  Walk(times, running, [&](int64_t, const Waiting& waiting, const QueuePlace& place) {
    if (waiting.told_ahead == place.jobs_ahead) return true;
    waiting.told_ahead = place.jobs_ahead;
    moved.emplace_back(waiting.id, place);
    return true;
  });
  return moved;
}

std::pair<JobId, QueuePlace> WaitingJobs::TellNewest(const StepTimes& times, std::optional<Estimate> running) {
  const auto& [newest, waiting] = *waiting_.rbegin();
  const QueuePlace place = PlacesOf({newest}, times, running).at(newest);
  waiting.told_ahead = place.jobs_ahead;
  return {waiting.id, place};
}

std::vector<JobId> WaitingJobs::Overdue(absl::Time now) const {
  std::vector<JobId> overdue;
  for (const auto& [sequence, waiting] : waiting_) {
    if (waiting.deadline <= now) overdue.push_back(waiting.id);
  }
  return overdue;
}

}  // namespace ovi
