// The jobs that other servers make, as far as was seen here, and what of that was told. Not thread-safe: JobQueue
// guards it.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "server/jobs/job_event.h"
#include "server/jobs/job_store.h"
#include "server/jobs/waiting_jobs.h"

namespace ovi {

class OtherServers {
 public:
  // What is new about a job that runs elsewhere, in the order in which it is to be told.
  std::vector<JobNews> See(const JobGlance& running);
  // A job that was made here, until another server took it: who watches it wants to know how it goes on.
  void Expect(const Job& job);
  // Somebody asked here for the end of a job that runs elsewhere, and it was told, whether it was seen running or not.
  void CancelWasTold(const JobId& id);
  void Forget(const JobId& id) { jobs_.erase(id); }

  // Those that are not among `running`: they ended, or were put back.
  std::vector<JobId> Missing(const std::set<JobId>& running) const;
  BeingMade being_made() const;

 private:
  struct Seen {
    int attempts = 0;
    bool cancel_told = false;
    JobProgress progress;
  };
  std::map<JobId, Seen> jobs_;
};

}  // namespace ovi
