#include "server/jobs/heartbeat.h"

#include <algorithm>
#include <string>

#include "base/log.h"

namespace ovi {

absl::Duration HeartbeatInterval(absl::Duration lease) { return std::min(lease / 4, absl::Seconds(5)); }

Heartbeat::Heartbeat(const JobParts& parts, const Job& claimed, const HeartbeatOptions& options)
    : parts_(parts),
      claimed_(claimed),
      options_(options),
      thread_(options.interval, [this] { return Beat() ? std::optional(options_.interval) : std::nullopt; }) {}

bool Heartbeat::Beat() {
  const log::JobScope about(claimed_.id.value());
  if (IsStalled()) return true;
  Job so_far = claimed_;
  parts_.running.Describe(so_far);
  const absl::StatusOr<Job> renewed = parts_.store.Renew(claimed_, so_far.progress);
  if (renewed.ok()) {
    if (renewed->cancel_request_time.has_value() && parts_.running.Stop(claimed_.id, StopReason::kCancelled)) {
      parts_.events.Publish(claimed_.id, CancelRequested());
    }
    return true;
  }
  if (renewed.status().code() != absl::StatusCode::kAborted && renewed.status().code() != absl::StatusCode::kNotFound) {
    log::Warning("its lease cannot be renewed, trying again: %s", std::string(renewed.status().message()));
    return true;
  }
  log::Warning("its lease is lost, it is not made here any more: %s", std::string(renewed.status().message()));
  parts_.running.Stop(claimed_.id, StopReason::kLeaseLost);
  return false;
}

bool Heartbeat::IsStalled() {
  const absl::Duration now = parts_.clock.Elapsed();
  if (const std::optional<int64_t> signs = parts_.running.signs_of_life(); signs != signs_) {
    signs_ = signs;
    moved_at_ = now;
    stall_told_ = false;
  }
  if (now - moved_at_ < options_.stall_timeout) return false;
  if (!stall_told_) {
    log::Error("the engine did not move for %s (--stall_timeout); its lease is not renewed until it does",
               absl::FormatDuration(options_.stall_timeout));
  }
  stall_told_ = true;
  return true;
}

}  // namespace ovi
