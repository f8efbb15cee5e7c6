#include "server/jobs/other_servers.h"

namespace ovi {
namespace {

bool IsNew(const std::optional<StepEvent>& step, const std::optional<StepEvent>& told) {
  return step.has_value() && (!told.has_value() || step->progress.step != told->progress.step);
}
bool IsNew(const std::optional<DecodeEvent>& decode, const std::optional<DecodeEvent>& told) {
  return decode.has_value() && (!told.has_value() || decode->progress.frames_done != told->progress.frames_done);
}

}  // namespace

std::vector<JobNews> OtherServers::See(const JobGlance& running) {
  std::vector<JobNews> news;
  Seen& seen = jobs_[running.id];
  if (seen.attempts != running.attempts) {  // 0: never seen
    seen = Seen{.attempts = running.attempts, .cancel_told = seen.cancel_told, .progress = {}};
    news.emplace_back(JobStarted{running.attempts});
  }
  if (running.cancel_requested && !seen.cancel_told) news.emplace_back(CancelRequested());
  seen.cancel_told = seen.cancel_told || running.cancel_requested;
  if (running.progress.stage != seen.progress.stage) news.emplace_back(running.progress.stage);
  if (IsNew(running.progress.step, seen.progress.step)) news.emplace_back(*running.progress.step);
  if (IsNew(running.progress.decode, seen.progress.decode)) news.emplace_back(*running.progress.decode);
  seen.progress = running.progress;
  return news;
}

void OtherServers::Expect(const Job& job) {
  jobs_[job.id] = Seen{.attempts = job.attempts, .cancel_told = false, .progress = {}};
}

void OtherServers::CancelWasTold(const JobId& id) { jobs_[id].cancel_told = true; }

std::vector<JobId> OtherServers::Missing(const std::set<JobId>& running) const {
  std::vector<JobId> missing;
  for (const auto& [id, seen] : jobs_) {
    if (!running.contains(id)) missing.push_back(id);
  }
  return missing;
}

BeingMade OtherServers::being_made() const {
  BeingMade all;
  for (const auto& [id, seen] : jobs_) {
    const JobProgress& progress = seen.progress;
    // Before its first step nobody knows.
    Estimate left{absl::ZeroDuration(), true};
    if (progress.step.has_value()) left = progress.step->until_end;
    if (progress.decode.has_value()) left = progress.decode->until_end;
    all.Add(left);
  }
  return all;
}

}  // namespace ovi
