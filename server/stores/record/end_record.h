// What a job left when it ended, and how far one that runs is, as messages.
#pragma once

#include "job_record.pb.h"
#include "server/jobs/job.h"
#include "server/jobs/job_store.h"

namespace ovi {

// State and time are columns, and not in it.
store::v1::JobEndRecord ToRecord(const JobEnd& end);
// Fills in what the record holds.
void FromRecord(const store::v1::JobEndRecord& record, Job& job);

store::v1::ProgressRecord ToRecord(const JobProgress& progress);
JobProgress FromRecord(const store::v1::ProgressRecord& record);

}  // namespace ovi
