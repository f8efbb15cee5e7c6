#include "server/draining.h"

#include "base/clock.h"
#include "base/log.h"

namespace ovi {
namespace {

// Between two looks at what else may have happened.
constexpr absl::Duration kPoll = absl::Milliseconds(100);

// What is left to do after a drain: the running job ends after its network call, streams send what they have.
constexpr absl::Duration kStopMargin = absl::Minutes(1);

}  // namespace

void Drain(OviServer& server, ServiceManager& manager, StopRequests& requests, absl::Duration timeout) {
  log::Info("draining: no new job is taken, the running one may go on for %s; a second signal stops it",
            absl::FormatDuration(timeout));
  server.BeginDrain();
  manager.Stopping("draining: the running job goes on, no other is taken", timeout + kStopMargin);
  const absl::Duration deadline = RealClock().Elapsed() + timeout;
  while (!server.WaitDrained(kPoll)) {
    if (requests.WaitFor(2, absl::ZeroDuration())) {
      log::Info("stopping the running job after the network call it is in");
      return;
    }
    if (RealClock().Elapsed() >= deadline) {
      log::Warning("the running job did not end within --drain_timeout; it is stopped");
      return;
    }
  }
}

}  // namespace ovi
