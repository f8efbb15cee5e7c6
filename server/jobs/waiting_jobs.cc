#include "server/jobs/waiting_jobs.h"

#include <algorithm>

namespace ovi {

void WaitingJobs::Add(const Job& job) {
  const absl::Time deadline = std::min(job.StartDeadline(), job.FinishDeadline());
  // One with priority, or that was put back, takes a place before others: whoever is behind it is worked out anew.
  if (!waiting_.empty() && job.Turn() < waiting_.rbegin()->first) turns_.clear();
  waiting_.emplace(job.Turn(), Waiting{job.id, job.spec.clip, deadline, -1});
}

void WaitingJobs::Remove(const Key& turn) {
  if (waiting_.erase(turn) > 0) turns_.clear();
}

void WaitingJobs::Remove(const JobId& id) {
  if (std::erase_if(waiting_, [&](const auto& each) { return each.second.id == id; }) > 0) turns_.clear();
}

std::vector<JobId> WaitingJobs::NotIn(const std::set<Key>& turns) const {
  std::vector<JobId> others;
  for (const auto& [turn, waiting] : waiting_) {
    if (!turns.contains(turn)) others.push_back(waiting.id);
  }
  return others;
}

void WaitingJobs::Append(const Key& key, const ClipSpec& clip, const StepTimes& times) const {
  Turn turn{.key = key, .ahead = {}, .own = times.Whole(clip)};
  if (!turns_.empty()) {
    const Turn& last = turns_.back();
    turn.ahead = {last.ahead.remaining + last.own.remaining, last.ahead.first_guess || last.own.first_guess};
  }
  turns_.push_back(turn);
}

const std::vector<WaitingJobs::Turn>& WaitingJobs::Turns(const StepTimes& times) const {
  const int64_t version = times.version();
  if (version != times_version_) turns_.clear();
  times_version_ = version;
  // Those that came since, or all of them.
  auto next = turns_.empty() ? waiting_.begin() : waiting_.upper_bound(turns_.back().key);
  for (; next != waiting_.end(); ++next) Append(next->first, *next->second.clip, times);
  return turns_;
}

QueuePlace WaitingJobs::PlaceAt(size_t index, const std::vector<Turn>& turns, const BeingMade& running) {
  const Turn& turn = turns[index];
  QueuePlace place;
  place.jobs_ahead = static_cast<int>(index) + running.jobs;
  place.until_start = {(running.left.remaining + turn.ahead.remaining) / std::max(1, running.jobs),
                       running.left.first_guess || turn.ahead.first_guess};
  place.until_end = {place.until_start.remaining + turn.own.remaining,
                     place.until_start.first_guess || turn.own.first_guess};
  return place;
}

std::optional<QueuePlace> WaitingJobs::PlaceOf(const Job& job, const StepTimes& times, const BeingMade& running) const {
  return PlaceOf(job.Turn(), times, running);
}

std::optional<QueuePlace> WaitingJobs::PlaceOf(const Key& key, const StepTimes& times, const BeingMade& running) const {
  const std::vector<Turn>& turns = Turns(times);
  const auto turn = std::lower_bound(turns.begin(), turns.end(), key,
                                     [](const Turn& each, const Key& wanted) { return each.key < wanted; });
  if (turn == turns.end() || turn->key != key) return std::nullopt;
  return PlaceAt(static_cast<size_t>(turn - turns.begin()), turns, running);
}

std::vector<std::pair<JobId, QueuePlace>> WaitingJobs::Moved(const StepTimes& times, const BeingMade& running) {
  std::vector<std::pair<JobId, QueuePlace>> moved;
  const std::vector<Turn>& turns = Turns(times);
  size_t index = 0;
  for (auto& [key, waiting] : waiting_) {
    const QueuePlace place = PlaceAt(index++, turns, running);
    if (waiting.told_ahead == place.jobs_ahead) continue;
    waiting.told_ahead = place.jobs_ahead;
    moved.emplace_back(waiting.id, place);
  }
  return moved;
}

bool WaitingJobs::IsLast(const Job& job) const { return !waiting_.empty() && waiting_.rbegin()->first == job.Turn(); }

std::pair<JobId, QueuePlace> WaitingJobs::TellLast(const StepTimes& times, const BeingMade& running) {
  auto& [last, waiting] = *waiting_.rbegin();
  const QueuePlace place = PlaceOf(last, times, running).value_or(QueuePlace());
  waiting.told_ahead = place.jobs_ahead;
  return {waiting.id, place};
}

std::vector<JobId> WaitingJobs::Overdue(absl::Time now) const {
  std::vector<JobId> overdue;
  for (const auto& [key, waiting] : waiting_) {
    if (waiting.deadline <= now) overdue.push_back(waiting.id);
  }
  return overdue;
}

}  // namespace ovi
