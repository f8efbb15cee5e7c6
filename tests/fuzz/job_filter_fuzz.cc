// The filter of a listing. Protobuf hands on UTF-8 alone, so other bytes are not tried.
#include <google/protobuf/stubs/common.h>

#include "base/field_violations.h"
#include "server/jobs/job_filter.h"
#include "tests/fuzz/readable_error.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!google::protobuf::internal::IsStructurallyValidUTF8(text.data(), static_cast<int>(size))) return -1;
  const absl::StatusOr<ovi::JobFilter> filter = ovi::ParseJobFilter(text);
  if (!filter.ok()) {
    ovi::FieldViolations violations;  // as ListJobs answers
    violations.Add("filter", "INVALID_FILTER", std::string(filter.status().message()));
    ovi::RequireReadable(violations.ToStatus());
    return 0;
  }
  ovi::Job job;
  job.spec.labels = {{"album", "night"}, {"a", ""}};
  const bool matches = ovi::Matches(*filter, job);
  ovi::Require(matches || !filter->clauses.empty(), "an empty filter matches every job");
  for (const auto& clause : filter->clauses) ovi::Require(!clause.empty(), "a clause has a condition");
  return 0;
}
