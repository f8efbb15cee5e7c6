// The events of a job as a stream sends them: from a given number on, to the outcome, which always comes.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "ovi/v1/job_event.pb.h"
#include "server/jobs/job_events.h"
#include "server/jobs/job_queue.h"

namespace ovi {

// One thread at a time.
class JobTail {
 public:
  // `on_news`: see JobEvents::Watch. Errors: NotFound; InvalidArgument or OutOfRange for a number that no event can
  // have.
  static absl::StatusOr<std::unique_ptr<JobTail>> Open(JobQueue& queue, JobEvents& events, const JobId& id,
                                                       int64_t after, std::function<void()> on_news);

  // The next event, or nothing if there is none yet.
  std::optional<v1::JobEvent> Next();
  // Whether the outcome was returned: nothing follows.
  bool ended() const { return ended_; }
  // NotFound once Next has nothing as another server deleted the job before its end was seen here.
  const absl::Status& gone() const { return gone_; }

 private:
  JobId id_;
  absl::Status gone_;
  std::shared_ptr<JobWatch> watch_;
  std::optional<v1::JobEvent> outcome_;  // of a job whose events are not kept any more
  bool ended_ = false;
};

}  // namespace ovi
