#include "server/jobs/job_listing.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"

namespace ovi {
namespace {

constexpr int64_t kBatch = 200;

// Then most records that are read may not match.
bool IsAboutLabels(const JobFilter& filter) {
  return std::any_of(filter.clauses.begin(), filter.clauses.end(), [](const std::vector<JobCondition>& clause) {
    return std::any_of(clause.begin(), clause.end(),
                       [](const JobCondition& each) { return each.subject == JobCondition::Subject::kLabel; });
  });
}

}  // namespace

absl::StatusOr<JobPage> CollectPage(const JobQuery& query, const ReadJobsBefore& read) {
  const int64_t batch = IsAboutLabels(query.filter) ? kBatch : std::min(query.limit + 1, kBatch);
  JobPage page;
  for (int64_t before = query.before;;) {
    OVI_ASSIGN_OR_RETURN(std::vector<Job> jobs, read(before, batch));
    for (Job& job : jobs) {
      before = job.sequence;
      if (!Matches(query.filter, job)) continue;
      page.more = static_cast<int64_t>(page.jobs.size()) == query.limit;
      if (page.more) return page;
      page.jobs.push_back(std::move(job));
    }
    if (static_cast<int64_t>(jobs.size()) < batch) return page;
  }
}

}  // namespace ovi
