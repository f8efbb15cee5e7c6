#include "server/jobs/event_log.h"

#include <algorithm>
#include <utility>

namespace ovi {

bool IsProgress(const JobNews& news) {
  return std::holds_alternative<QueuePlace>(news) || std::holds_alternative<StepEvent>(news) ||
         std::holds_alternative<DecodeEvent>(news) || std::holds_alternative<Preview>(news);
}

template <typename Predicate>
bool EventLog::DropOldest(Predicate droppable) {
  const auto oldest = std::find_if(events_.begin(), events_.end(), [&](const auto& each) { return droppable(*each); });
  if (oldest == events_.end()) return false;
  events_.erase(oldest);
  return true;
}

void EventLog::Append(absl::Time time, JobNews news) {
  if (std::holds_alternative<Preview>(news)) {
    DropOldest([](const JobEvent& each) { return std::holds_alternative<Preview>(each.news); });
  }
  events_.push_back(std::make_shared<JobEvent>(JobEvent{++last_number_, time, std::move(news)}));
  if (events_.size() <= max_events_) return;
  DropOldest([&](const JobEvent& each) {
    return IsProgress(each.news) && std::any_of(events_.begin(), events_.end(), [&](const auto& other) {
             return other->number > each.number && other->news.index() == each.news.index();
           });
  });
}

std::shared_ptr<const JobEvent> EventLog::FirstAfter(int64_t after) const {
  const auto first = std::upper_bound(events_.begin(), events_.end(), after,
                                      [](int64_t number, const auto& each) { return number < each->number; });
  return first == events_.end() ? nullptr : *first;
}

bool EventLog::has_outcome() const {
  return !events_.empty() && std::holds_alternative<JobOutcome>(events_.back()->news);
}

}  // namespace ovi
