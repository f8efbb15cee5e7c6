#include "server/service/ovi_service.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/field_violations.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/jobs/status_details.h"
#include "server/service/decode.h"
#include "server/service/from_proto.h"
#include "server/service/names.h"
#include "server/service/page_token.h"
#include "server/service/to_grpc.h"
#include "server/service/to_proto.h"

namespace ovi {
namespace {

grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const absl::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpc(status));
  return reactor;
}

template <typename Reply>
grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, absl::StatusOr<Reply> result, Reply* reply) {
  if (result.ok()) *reply = *std::move(result);
  return Answer(context, result.status());
}

absl::StatusOr<v1::Job> JobOf(const absl::StatusOr<JobView>& view) {
  if (!view.ok()) return view.status();
  return ToProto(*view);
}

absl::Status CheckDelivery(const v1::GenerateRequest& request) {
  if (!request.has_delivery() || request.delivery() == v1::GenerateRequest::CHUNKS ||
      request.delivery() == v1::GenerateRequest::URI) {
    return absl::OkStatus();
  }
  FieldViolations violations;
  violations.Add("delivery", "UNKNOWN_ENUM_VALUE",
                 absl::StrFormat("delivery is %d, which this server does not know; ask for CHUNKS or URI",
                                 static_cast<int>(request.delivery())));
  return violations.ToStatus();
}

}  // namespace

absl::StatusOr<v1::Job> OviServiceImpl::Create(const grpc::ByteBuffer& bytes) {
  v1::CreateJobRequest request;
  OVI_RETURN_IF_ERROR(Decode(bytes, request));
  OVI_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  OVI_ASSIGN_OR_RETURN(JobSpec spec, SpecFromProto(request.job(), parts_.engine, facts_.webhook_addresses));
  if (request.validate_only()) {
    Job job;
    job.spec = std::move(spec);
    return ToProto(job);
  }
  return JobOf(parts_.queue.Submit(std::move(spec), request.request_id()));
}

absl::StatusOr<JobId> OviServiceImpl::Submit(const v1::GenerateRequest& request, GenerateOptions& options) {
  OVI_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  OVI_RETURN_IF_ERROR(CheckDelivery(request));
  options.send_chunks = request.delivery() != v1::GenerateRequest::URI;
  options.cancel_on_disconnect = request.cancel_on_disconnect();
  OVI_ASSIGN_OR_RETURN(JobSpec spec, SpecFromProto(request.job(), parts_.engine, facts_.webhook_addresses));
  OVI_ASSIGN_OR_RETURN(const JobView view, parts_.queue.Submit(std::move(spec), request.request_id()));
  return view.job.id;
}

absl::StatusOr<v1::ListJobsResponse> OviServiceImpl::List(const v1::ListJobsRequest& request) const {
  OVI_ASSIGN_OR_RETURN(const int64_t page_size, PageSize(request.page_size()));
  absl::StatusOr<JobFilter> filter = ParseJobFilter(request.filter());
  if (!filter.ok()) {
    FieldViolations violations;
    violations.Add("filter", "INVALID_FILTER", std::string(filter.status().message()));
    return violations.ToStatus();
  }
  int64_t before = std::numeric_limits<int64_t>::max();
  if (!request.page_token().empty()) {
    OVI_ASSIGN_OR_RETURN(before, ParsePageToken(request.page_token(), request.filter()));
  }
  OVI_ASSIGN_OR_RETURN(
      const JobViewPage page,
      parts_.queue.List({.filter = *std::move(filter), .principal = {}, .limit = page_size, .before = before}));
  v1::ListJobsResponse reply;
  for (const JobView& view : page.jobs) *reply.add_jobs() = ToProto(view);
  if (page.more) reply.set_next_page_token(MakePageToken(page.jobs.back().job.sequence, request.filter()));
  return reply;
}

absl::StatusOr<v1::ListCheckpointsResponse> OviServiceImpl::List(const v1::ListCheckpointsRequest& request) const {
  constexpr std::string_view kArguments = "checkpoints";
  OVI_ASSIGN_OR_RETURN(const int64_t page_size, PageSize(request.page_size()));
  int64_t first = 0;
  if (!request.page_token().empty()) {
    OVI_ASSIGN_OR_RETURN(first, ParsePageToken(request.page_token(), kArguments));
  }
  const std::vector<CheckpointInfo>& checkpoints = parts_.engine.Checkpoints();
  const auto count = static_cast<int64_t>(checkpoints.size());
  const int64_t end = std::min(first + page_size, count);
  v1::ListCheckpointsResponse reply;
  for (int64_t i = first; i < end; ++i) {
    *reply.add_checkpoints() = ToProto(checkpoints[static_cast<size_t>(i)], i == 0);
  }
  if (end < count) reply.set_next_page_token(MakePageToken(end, kArguments));
  return reply;
}

absl::StatusOr<v1::Checkpoint> OviServiceImpl::Find(const v1::GetCheckpointRequest& request) const {
  const std::string name = ParseCheckpointName(request.name());
  const std::vector<CheckpointInfo>& checkpoints = parts_.engine.Checkpoints();
  std::vector<std::string> names;
  for (const CheckpointInfo& each : checkpoints) {
    if (each.name == name) return ToProto(each, &each == &checkpoints.front());
    names.push_back(CheckpointName(each.name));
  }
  absl::Status status = absl::NotFoundError(absl::StrFormat(
      "there is no checkpoint '%s'; this server has %s", log::Escaped(name.substr(0, 80)), absl::StrJoin(names, ", ")));
  return WithMetadata(WithReason(std::move(status), "UNKNOWN_CHECKPOINT"), "checkpoint", name);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* OviServiceImpl::Generate(Context*, const grpc::ByteBuffer* bytes) {
  v1::GenerateRequest request;
  if (const absl::Status status = Decode(*bytes, request); !status.ok()) return RefuseGenerate(parts_, status);
  GenerateOptions options;
  const absl::StatusOr<JobId> id = Submit(request, options);
  if (!id.ok()) return RefuseGenerate(parts_, id.status());
  return GenerateStream(parts_, *id, options);
}

grpc::ServerUnaryReactor* OviServiceImpl::CreateJob(Context* context, const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* reply) {
  const absl::StatusOr<v1::Job> job = Create(*request);
  if (!job.ok()) return Answer(context, job.status());
  bool own_buffer = false;
  const grpc::Status written = grpc::SerializationTraits<v1::Job>::Serialize(*job, reply, &own_buffer);
  return Answer(context, written.ok() ? absl::OkStatus() : absl::InternalError(written.error_message()));
}

grpc::ServerUnaryReactor* OviServiceImpl::GetJob(Context* context, const v1::GetJobRequest* request, v1::Job* reply) {
  const absl::StatusOr<JobId> id = ParseJobName(request->name());
  if (!id.ok()) return Answer(context, id.status());
  return Answer(context, JobOf(parts_.queue.Get(*id)), reply);
}

grpc::ServerUnaryReactor* OviServiceImpl::ListJobs(Context* context, const v1::ListJobsRequest* request,
                                                   v1::ListJobsResponse* reply) {
  return Answer(context, List(*request), reply);
}

grpc::ServerWriteReactor<v1::WatchJobResponse>* OviServiceImpl::WatchJob(Context*, const v1::WatchJobRequest* request) {
  return WatchJobStream(parts_, *request);
}

grpc::ServerUnaryReactor* OviServiceImpl::CancelJob(Context* context, const v1::CancelJobRequest* request,
                                                    v1::Job* reply) {
  const absl::StatusOr<JobId> id = ParseJobName(request->name());
  if (!id.ok()) return Answer(context, id.status());
  return Answer(context, JobOf(parts_.queue.Cancel(*id)), reply);
}

grpc::ServerUnaryReactor* OviServiceImpl::DeleteJob(Context* context, const v1::DeleteJobRequest* request,
                                                    google::protobuf::Empty*) {
  const absl::StatusOr<JobId> id = ParseJobName(request->name());
  return Answer(context, id.ok() ? parts_.queue.Delete(*id) : id.status());
}

grpc::ServerWriteReactor<v1::ReadArtifactResponse>* OviServiceImpl::ReadArtifact(
    Context*, const v1::ReadArtifactRequest* request) {
  return ReadArtifactStream(parts_, *request);
}

grpc::ServerUnaryReactor* OviServiceImpl::ListCheckpoints(Context* context, const v1::ListCheckpointsRequest* request,
                                                          v1::ListCheckpointsResponse* reply) {
  return Answer(context, List(*request), reply);
}

grpc::ServerUnaryReactor* OviServiceImpl::GetCheckpoint(Context* context, const v1::GetCheckpointRequest* request,
                                                        v1::Checkpoint* reply) {
  return Answer(context, Find(*request), reply);
}

grpc::ServerUnaryReactor* OviServiceImpl::GetServerInfo(Context* context, const v1::GetServerInfoRequest*,
                                                        v1::ServerInfo* reply) {
  reply->set_version(facts_.version);
  *reply->mutable_start_time() = ToProto(facts_.start_time);
  reply->set_draining(parts_.queue.closed());
  *reply->mutable_engine() = ToProto(parts_.engine.Info());
  reply->mutable_limits()->set_max_message_bytes(facts_.max_message_bytes);
  reply->mutable_limits()->set_max_queued_jobs(static_cast<int32_t>(facts_.max_queued_jobs));
  if (const int64_t budget = parts_.engine.Info().memory_budget_bytes; budget > 0) {
    reply->mutable_limits()->set_memory_budget_bytes(budget);
  }
  if (facts_.max_storage_bytes < QueueLimits::kNone) {
    reply->mutable_limits()->set_max_storage_bytes(facts_.max_storage_bytes);
  }
  reply->set_queued_jobs(parts_.queue.queued());
  reply->set_running_jobs(parts_.queue.running());
  *reply->mutable_memory() = CurrentMemory(parts_.engine.Memory(), parts_.clock.Now());
  return Answer(context, absl::OkStatus());
}

grpc::ServerWriteReactor<v1::WatchMemoryResponse>* OviServiceImpl::WatchMemory(Context*,
                                                                               const v1::WatchMemoryRequest* request) {
  return WatchMemoryStream(parts_, *request);
}

}  // namespace ovi
