#include "server/lifecycle/janitor.h"

#include <string>

#include "base/log.h"

namespace ovi {
namespace {

constexpr absl::Duration kExpiryEvery = absl::Seconds(15);
constexpr absl::Duration kSweepEvery = absl::Hours(1);

void Report(const absl::Status& status, const char* what) {
  if (!status.ok()) log::Warning("%s, trying again later: %s", what, std::string(status.message()));
}

}  // namespace

Janitor::Janitor(const LifecycleParts& parts)
    : parts_(parts), orphans_(parts), next_sweep_(parts.clock.Elapsed()), thread_(absl::ZeroDuration(), [this] {
        CleanUp();
        return kExpiryEvery;
      }) {}

Janitor::~Janitor() { stopping_ = true; }

void Janitor::CleanUp() {
  const auto should_stop = [this] { return stopping_.load(); };
  Report(DeleteExpired(parts_, should_stop), "what has expired cannot be deleted");
  if (should_stop() || parts_.clock.Elapsed() < next_sweep_) return;
  next_sweep_ = parts_.clock.Elapsed() + kSweepEvery;
  const absl::Status swept = orphans_.Sweep(should_stop);
  if (!should_stop()) Report(swept, "what crashes left cannot be cleaned up");
}

}  // namespace ovi
