// Keeps the claim on a running job while it is made, where other servers use the store too: says now and then that
// somebody is still at it, and how far. It has a thread of its own, as the worker's is inside the engine when it
// matters.
//
// A claim that was lost stops the job (StopReason::kLeaseLost), and so does a cancel request made at another server.
// When the engine does not move for `stall_timeout`, nothing is renewed until it moves again: the lease runs out, and
// another server makes the job.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "base/repeating_thread.h"
#include "server/jobs/job_queue.h"

namespace ovi {

struct HeartbeatOptions {
  // Between two renewals; well below the store's lease.
  absl::Duration interval = absl::Seconds(5);
  absl::Duration stall_timeout = absl::Minutes(10);
};

// Several renewals may be lost before a lease is, and watchers at other servers are told something every few seconds.
absl::Duration HeartbeatInterval(absl::Duration lease);

class Heartbeat {
 public:
  // Starts at once. `claimed` runs; everything outlives the heartbeat.
  Heartbeat(const JobParts& parts, const Job& claimed, const HeartbeatOptions& options);
  // When it is destroyed, nothing is renewed any more; that waits for a renewal which is under way.

 private:
  // False once the claim is lost.
  bool Beat();
  bool IsStalled();

  const JobParts parts_;
  const Job& claimed_;
  const HeartbeatOptions options_;
  // Of the thread alone.
  std::optional<int64_t> signs_;
  absl::Duration moved_at_;
  bool stall_told_ = false;
  RepeatingThread thread_;
};

}  // namespace ovi
