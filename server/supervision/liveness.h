// Whether the server still does its work, found out by asking it.
#pragma once

#include <grpcpp/channel.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "server/jobs/job_queue.h"
#include "server/jobs/running_job.h"

namespace ovi {

// One thread.
class Liveness {
 public:
  struct Limits {
    absl::Duration answer = absl::Seconds(5);         // a short call over gRPC
    absl::Duration stall = absl::InfiniteDuration();  // a running job without a sign of life from its worker
  };
  // `channel` leads to the server. Everything passed outlives this.
  Liveness(const Clock& clock, const RunningJob& running, const JobQueue& queue, std::shared_ptr<grpc::Channel> channel,
           const Limits& limits)
      : clock_(clock), running_(running), queue_(queue), channel_(std::move(channel)), limits_(limits) {}

  // OK, or what does not move. Blocks for as long as the queue's lock is held by somebody who hangs.
  absl::Status Check();

 private:
  absl::Status CheckWorker();
  absl::Status CheckAnswer();

  const Clock& clock_;
  const RunningJob& running_;
  const JobQueue& queue_;
  const std::shared_ptr<grpc::Channel> channel_;
  const Limits limits_;
  std::optional<int64_t> signs_;  // when last seen to change
  absl::Duration seen_;
};

}  // namespace ovi
