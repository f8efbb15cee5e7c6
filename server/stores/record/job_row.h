// A row of a table of jobs as a job: the same columns in every database.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "server/jobs/job.h"
#include "server/stores/record/job_record.h"

namespace ovi {

// What ReadJob expects, in this order; to be followed by FROM.
#define OVI_JOB_COLUMNS                                                                                              \
  "sequence, id, state, principal, create_time, start_time, end_time, cancel_request_time, attempts, spec, ending, " \
  "claim, expire_time, progress"
// How many those are: what else is asked for stands behind them.
constexpr int kJobColumns = 14;

// Times are nanoseconds since 1970.
inline int64_t ToColumn(absl::Time time) { return absl::ToUnixNanos(time); }
inline std::optional<int64_t> ToColumn(std::optional<absl::Time> time) {
  return time.has_value() ? std::optional(ToColumn(*time)) : std::nullopt;
}
inline std::optional<absl::Time> TimeOf(std::optional<int64_t> column) {
  return column.has_value() ? std::optional(absl::FromUnixNanos(*column)) : std::nullopt;
}

// The job of a row, without the bytes of its first frame. DataLoss if it cannot be read. `Row` has Integer(column),
// IntegerOrNull, Bytes and IsNull.
template <typename Row>
absl::StatusOr<Job> ReadJob(const Row& row) {
  Job job;
  job.sequence = row.Integer(0);
  const std::optional<JobId> id = JobId::Parse(row.Bytes(1));
  const std::optional<JobState> state = ParseJobState(row.Bytes(2));
  if (!id || !state)
    return absl::DataLossError("the job database holds a job without a proper id; restore a backup of it");
  job.id = *id;
  job.state = *state;
  job.spec.principal = std::string(row.Bytes(3));
  job.create_time = absl::FromUnixNanos(row.Integer(4));
  job.start_time = TimeOf(row.IntegerOrNull(5));
  job.end_time = TimeOf(row.IntegerOrNull(6));
  job.cancel_request_time = TimeOf(row.IntegerOrNull(7));
  job.attempts = static_cast<int>(row.Integer(8));
  OVI_RETURN_IF_ERROR(DecodeSpec(row.Bytes(9), job));
  if (!row.IsNull(10)) OVI_RETURN_IF_ERROR(DecodeEnd(row.Bytes(10), job));
  job.claim = row.Integer(11);
  job.expire_time = TimeOf(row.IntegerOrNull(12));
  if (!row.IsNull(13) && row.IsNull(10)) OVI_RETURN_IF_ERROR(DecodeProgress(row.Bytes(13), job));
  return job;
}

}  // namespace ovi
