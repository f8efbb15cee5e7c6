#include "server/service/artifact_chunks.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "base/status_macros.h"
#include "server/jobs/status_details.h"
#include "server/service/names.h"

namespace ovi {
namespace {

absl::Status CheckRange(int64_t offset, int64_t limit, int64_t size) {
  FieldViolations violations;
  const auto check = [&](std::string_view field, int64_t value) {
    if (value >= 0) return;
    violations.Add(field, "NEGATIVE", absl::StrFormat("%s is %d; ask for 0 or more", field, value));
  };
  check("read_offset", offset);
  check("read_limit", limit);
  if (!violations.empty()) return violations.ToStatus();
  if (offset <= size) return absl::OkStatus();
  absl::Status status = absl::OutOfRangeError(
      absl::StrFormat("read_offset is %d, but the artifact has %d bytes; start at %d or before", offset, size, size));
  status =
      WithMetadata(WithReason(std::move(status), "OFFSET_OUT_OF_RANGE"), "readOffset", absl::StrFormat("%d", offset));
  return WithMetadata(std::move(status), "sizeBytes", absl::StrFormat("%d", size));
}

absl::Status NoArtifact(const Job& job) {
  absl::Status status = absl::FailedPreconditionError(absl::StrFormat(
      "%s is %s and has no artifact; only a job that SUCCEEDED has one", JobName(job.id), JobStateName(job.state)));
  return WithMetadata(WithReason(std::move(status), "NO_ARTIFACT"), "state", JobStateName(job.state));
}

// Whether the job had an artifact and its time is over, whether the bytes are deleted yet or not.
bool HasExpired(const Job& job, absl::Time now) {
  if (job.state != JobState::kSucceeded) return false;
  return !job.artifact.has_value() || (job.expire_time.has_value() && *job.expire_time <= now);
}

absl::Status ArtifactExpired(const Job& job) {
  absl::Status status = absl::NotFoundError(
      absl::StrFormat("the artifact of %s has expired; generate the clip again from its job's request, with a longer "
                      "ttl, or download it sooner",
                      JobName(job.id)));
  return WithMetadata(WithReason(std::move(status), "ARTIFACT_EXPIRED"), "job", JobName(job.id));
}

// An artifact that is gone or damaged is lost; a store that cannot be reached, or does not let us in, is not asked
// again here and has lost nothing.
absl::Status Unreadable(const absl::Status& cause) {
  const bool may_pass = cause.code() == absl::StatusCode::kUnavailable ||
                        cause.code() == absl::StatusCode::kPermissionDenied ||
                        cause.code() == absl::StatusCode::kFailedPrecondition;
  if (may_pass) {
    return WithReason(absl::UnavailableError(absl::StrFormat("the artifact cannot be read now: %s; try again later",
                                                             std::string(cause.message()))),
                      "ARTIFACT_STORE_UNAVAILABLE");
  }
  return WithReason(absl::DataLossError(absl::StrFormat(
                        "the artifact cannot be read: %s; generate the clip again from its job's request",
                        std::string(cause.message()))),
                    "ARTIFACT_LOST");
}

}  // namespace

absl::StatusOr<std::unique_ptr<ArtifactChunks>> ArtifactChunks::Open(ArtifactStore& store, const Job& job,
                                                                     absl::Time now, int64_t offset, int64_t limit) {
  if (HasExpired(job, now)) return ArtifactExpired(job);
  if (!job.artifact.has_value()) return NoArtifact(job);
  const StoredArtifact& file = job.artifact->file;
  OVI_RETURN_IF_ERROR(CheckRange(offset, limit, file.size_bytes));
  absl::StatusOr<std::unique_ptr<ArtifactReader>> reader = store.Open(file.key);
  if (!reader.ok()) return Unreadable(reader.status());
  auto chunks = std::make_unique<ArtifactChunks>();
  chunks->reader_ = *std::move(reader);
  chunks->offset_ = offset;
  chunks->end_ = limit == 0 ? file.size_bytes : offset + std::min(limit, file.size_bytes - offset);
  return chunks;
}

absl::StatusOr<bool> ArtifactChunks::Next(v1::ArtifactChunk& chunk) {
  if (offset_ >= end_) return false;
  const int64_t wanted = std::min(kChunkBytes, end_ - offset_);
  absl::StatusOr<std::string> bytes = reader_->Read(offset_, wanted);
  if (!bytes.ok()) return Unreadable(bytes.status());
  if (static_cast<int64_t>(bytes->size()) < wanted)
    return Unreadable(absl::DataLossError("its file is shorter than it was"));
  chunk.set_offset(offset_);
  chunk.set_data(*std::move(bytes));
  offset_ += wanted;
  return true;
}

}  // namespace ovi
