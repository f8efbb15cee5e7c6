#include "server/stores/record/job_record.h"

#include <memory>
#include <utility>

#include "absl/strings/str_format.h"
#include "job_record.pb.h"
#include "server/stores/record/clip_record.h"
#include "server/stores/record/end_record.h"

namespace ovi {
namespace {

absl::Status Unreadable(const Job& job, std::string_view part) {
  return absl::DataLossError(absl::StrFormat(
      "the database holds a %s of jobs/%s that cannot be read; restore a backup of it", part, job.id.value()));
}

bool Parse(std::string_view bytes, google::protobuf::Message& message) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

std::string EncodeSpec(const Job& job) {
  store::v1::JobSpecRecord record;
  record.set_uid(job.uid);
  *record.mutable_clip() = ToRecord(*job.spec.clip);
  record.set_first_frame_bytes(job.spec.first_frame_bytes);
  record.set_first_frame_sha256(job.spec.first_frame_sha256);
  record.mutable_labels()->insert(job.spec.labels.begin(), job.spec.labels.end());
  record.mutable_body()->insert(job.spec.body.begin(), job.spec.body.end());
  if (job.spec.start_timeout) record.set_start_timeout_ns(absl::ToInt64Nanoseconds(*job.spec.start_timeout));
  if (job.spec.finish_timeout) record.set_finish_timeout_ns(absl::ToInt64Nanoseconds(*job.spec.finish_timeout));
  record.set_priority(static_cast<int>(job.spec.priority));
  if (job.spec.ttl) record.set_ttl_ns(absl::ToInt64Nanoseconds(*job.spec.ttl));
  if (job.spec.webhook) {
    record.mutable_webhook()->set_uri(job.spec.webhook->uri);
    record.mutable_webhook()->set_secret(job.spec.webhook->secret);
  }
  record.set_has_request_id(job.spec.has_request_id);
  record.set_reserved_bytes(job.spec.reserved_bytes);
  return record.SerializeAsString();
}

absl::Status DecodeSpec(std::string_view bytes, Job& job) {
  store::v1::JobSpecRecord record;
  if (!Parse(bytes, record) || !record.has_clip()) return Unreadable(job, "specification");
  job.uid = record.uid();
  job.spec.clip = std::make_shared<ClipSpec>(FromRecord(record.clip()));
  job.spec.first_frame_bytes = record.first_frame_bytes();
  job.spec.first_frame_sha256 = record.first_frame_sha256();
  job.spec.labels = {record.labels().begin(), record.labels().end()};
  job.spec.body = {record.body().begin(), record.body().end()};
  if (record.has_start_timeout_ns()) job.spec.start_timeout = absl::Nanoseconds(record.start_timeout_ns());
  if (record.has_finish_timeout_ns()) job.spec.finish_timeout = absl::Nanoseconds(record.finish_timeout_ns());
  if (record.has_priority()) job.spec.priority = static_cast<JobPriority>(record.priority());
  if (record.has_ttl_ns()) job.spec.ttl = absl::Nanoseconds(record.ttl_ns());
  if (record.has_webhook()) job.spec.webhook = Webhook{record.webhook().uri(), record.webhook().secret()};
  job.spec.has_request_id = record.has_request_id();
  job.spec.reserved_bytes = record.reserved_bytes();
  return absl::OkStatus();
}

std::string EncodeEnd(const JobEnd& end) { return ToRecord(end).SerializeAsString(); }

absl::Status DecodeEnd(std::string_view bytes, Job& job) {
  store::v1::JobEndRecord record;
  if (!Parse(bytes, record)) return Unreadable(job, "result");
  FromRecord(record, job);
  return absl::OkStatus();
}

std::string EncodeProgress(const JobProgress& progress) { return ToRecord(progress).SerializeAsString(); }

absl::Status DecodeProgress(std::string_view bytes, Job& job) {
  store::v1::ProgressRecord record;
  if (!Parse(bytes, record)) return Unreadable(job, "progress");
  job.progress = FromRecord(record);
  return absl::OkStatus();
}

}  // namespace ovi
