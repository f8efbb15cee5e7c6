// Watching a job to its end.
#pragma once

#include "client/connection.h"
#include "client/interrupt.h"
#include "client/progress.h"

namespace ovi::client {

// What a Ctrl-C does to the job that is watched.
enum class OnInterrupt { kCancelJob, kLeaveJob };

struct Followed {
  int exit_code = kFailed;
  bool ended = false;  // `job` is in a terminal state
  v1::Job job;
};

// Prints events (progress, or JSON lines) until the outcome. When the connection breaks or the server stops, reconnects
// after the last event seen, for up to options.reconnect_seconds in which nothing is heard. Ctrl-C: cancels the job and
// goes on watching for its end, or leaves it and says how to watch on.
Followed FollowJob(Connection& connection, const std::string& name, int64_t after_event_number,
                   OnInterrupt on_interrupt, Progress& progress);

}  // namespace ovi::client
