#include "server/service/job_tail.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "base/status_macros.h"
#include "server/jobs/job_errors.h"
#include "server/jobs/status_details.h"
#include "server/service/to_proto.h"

namespace ovi {
namespace {

absl::Status CheckNumber(int64_t after, const JobView& view) {
  if (after < 0) {
    FieldViolations violations;
    violations.Add(
        "after_event_number", "INVALID_EVENT_NUMBER",
        absl::StrFormat("after_event_number is %d; pass the number of the last event seen, or 0 for all", after));
    return violations.ToStatus();
  }
  if (after <= view.highest_event_number || IsTerminal(view.job.state)) return absl::OkStatus();
  absl::Status status = absl::OutOfRangeError(absl::StrFormat(
      "after_event_number is %d, but the job's newest event is %d; pass the number of the last event seen, or 0 "
      "for all",
      after, view.last_event_number));
  status = WithMetadata(WithReason(std::move(status), "EVENT_NUMBER_OUT_OF_RANGE"), "afterEventNumber",
                        absl::StrFormat("%d", after));
  return WithMetadata(std::move(status), "lastEventNumber", absl::StrFormat("%d", view.last_event_number));
}

}  // namespace

absl::StatusOr<std::unique_ptr<JobTail>> JobTail::Open(JobQueue& queue, JobEvents& events, const JobId& id,
                                                       int64_t after, std::function<void()> on_news) {
  OVI_ASSIGN_OR_RETURN(JobView view, queue.Get(id));
  if (view.last_event_number == 0 && !IsTerminal(view.job.state)) {
    // Another server has it, and it is too new to have been heard of.
    OVI_RETURN_IF_ERROR(queue.CatchUp());
    OVI_ASSIGN_OR_RETURN(view, queue.Get(id));
  }
  OVI_RETURN_IF_ERROR(CheckNumber(after, view));
  auto tail = std::make_unique<JobTail>();
  tail->id_ = id;
  const bool seen_all = IsTerminal(view.job.state) && after >= view.last_event_number;
  if (!seen_all) tail->watch_ = events.Watch(id, after, std::move(on_news));
  if (tail->watch_ != nullptr && after <= view.last_event_number) return tail;
  // Its events are gone, or all known: the record tells the outcome. So it does where another server told more than
  // this one: the outcome may have come before numbers went on above that.
  OVI_ASSIGN_OR_RETURN(const JobView now, queue.Get(id));
  if (!IsTerminal(now.job.state)) {
    if (tail->watch_ != nullptr) return tail;
    return NoSuchJob(id);
  }
  tail->watch_ = nullptr;
  v1::JobEvent& outcome = tail->outcome_.emplace();
  // Whoever saw more than there is here, at another server or before a restart, need not have seen this; nor whoever
  // saw as much, where another server may have told something else under that number.
  const bool shared = now.highest_event_number > now.last_event_number;
  const bool not_seen = after > now.last_event_number || (shared && after == now.last_event_number);
  const int64_t number = not_seen ? after + 1 : now.last_event_number;
  outcome.set_number(std::max<int64_t>(number, 1));
  *outcome.mutable_event_time() = ToProto(now.job.end_time.value_or(now.job.create_time));
  *outcome.mutable_outcome() = ToProto(now);
  return tail;
}

std::optional<v1::JobEvent> JobTail::Next() {
  if (ended_) return std::nullopt;
  std::optional<v1::JobEvent> event = std::exchange(outcome_, std::nullopt);
  if (!event.has_value() && watch_ != nullptr) {
    const bool dropped = watch_->dropped();  // before the last look
    if (const auto next = watch_->Next(); next != nullptr) {
      event = ToProto(*next);
    } else if (dropped) {
      gone_ = NoSuchJob(id_);
    }
  }
  ended_ = event.has_value() && event->has_outcome();
  // The records inside are of the moment; the number of the newest event then is the event's own.
  if (ended_) event->mutable_outcome()->set_last_event_number(event->number());
  return event;
}

}  // namespace ovi
