#include "server/lifecycle/orphans.h"

#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/status_macros.h"
#include "server/jobs/artifact_name.h"

namespace ovi {
namespace {

constexpr int64_t kPage = 500;

bool Stopped(const ShouldStop& should_stop) { return should_stop != nullptr && should_stop(); }

}  // namespace

absl::Status Orphans::Sweep(const ShouldStop& should_stop) {
  const std::string& uid = parts_.store.uid();
  const absl::Time now = parts_.clock.Now();
  absl::Status first = parts_.artifacts.RemoveUnfinished(
      now - kUnfinishedAfter, [&](const std::string& key) { return JobOfArtifact(key, uid).has_value(); });
  // First the artifacts, then the records: what is stored meanwhile is in neither or in the records.
  OVI_ASSIGN_OR_RETURN(const std::vector<ArtifactEntry> entries, parts_.artifacts.List());
  std::set<std::string> listed;
  for (const ArtifactEntry& entry : entries) listed.insert(entry.key);
  OVI_ASSIGN_OR_RETURN(const Records records, ReadRecords(listed, should_stop));
  for (const ArtifactEntry& entry : entries) {
    if (Stopped(should_stop)) return first;
    const std::optional<JobId> id = JobOfArtifact(entry.key, uid);
    if (!id.has_value() || records.named.contains(entry.key) || entry.stored_time > now - kOrphanAfter) continue;
    first.Update(DeleteIfOrphan(entry, *id));
  }
  for (const Job& job : records.missing) {
    if (Stopped(should_stop)) return first;
    first.Update(WarnIfLost(job));
  }
  return first;
}

absl::StatusOr<Orphans::Records> Orphans::ReadRecords(const std::set<std::string>& listed,
                                                      const ShouldStop& should_stop) const {
  Records records;
  OVI_ASSIGN_OR_RETURN(const JobFilter succeeded, ParseJobFilter("state = SUCCEEDED"));
  JobQuery query{.filter = succeeded, .principal = {}, .limit = kPage};
  while (true) {
    if (Stopped(should_stop)) return absl::CancelledError("the server stops");
    OVI_ASSIGN_OR_RETURN(JobPage page, parts_.store.List(query));
    for (Job& job : page.jobs) {
      query.before = job.sequence;
      if (!job.artifact.has_value()) continue;
      records.named.insert(job.artifact->file.key);
      if (!listed.contains(job.artifact->file.key)) records.missing.push_back(std::move(job));
    }
    if (!page.more) return records;
  }
}

absl::Status Orphans::DeleteIfOrphan(const ArtifactEntry& entry, const JobId& id) const {
  const absl::StatusOr<Job> job = parts_.store.Get(id);
  if (!job.ok() && !absl::IsNotFound(job.status())) return job.status();
  // One that waits or runs may name it yet.
  if (job.ok() && !IsTerminal(job->state)) return absl::OkStatus();
  if (job.ok() && job->artifact.has_value() && job->artifact->file.key == entry.key) return absl::OkStatus();
  OVI_RETURN_IF_ERROR(parts_.artifacts.Delete(entry.key));
  log::Info("artifact %s (%d bytes) is deleted: no record names it", log::Escaped(entry.key), entry.size_bytes);
  return absl::OkStatus();
}

absl::Status Orphans::WarnIfLost(const Job& job) {
  if (warned_.contains(job.id)) return absl::OkStatus();
  // Stored after the listing, or deleted since, is not lost.
  const absl::Status opened = parts_.artifacts.Open(job.artifact->file.key).status();
  if (!absl::IsNotFound(opened)) return opened;
  const absl::StatusOr<Job> now = parts_.store.Get(job.id);
  if (absl::IsNotFound(now.status())) return absl::OkStatus();
  OVI_RETURN_IF_ERROR(now.status());
  if (!now->artifact.has_value()) return absl::OkStatus();
  warned_.insert(job.id);
  const log::JobScope about(job.id.value());
  log::Warning("its artifact %s is gone, though nobody deleted it through the server; reading it answers ARTIFACT_LOST",
               job.artifact->file.uri);
  return absl::OkStatus();
}

}  // namespace ovi
