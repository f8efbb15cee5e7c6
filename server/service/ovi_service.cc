// The handlers: what gRPC needs around job_calls.cc, server_calls.cc and the streams.
#include "server/service/ovi_service.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <utility>

#include "server/service/refused_stream.h"
#include "server/service/to_grpc.h"

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

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* OviServiceImpl::Generate(Context* context,
                                                                     const grpc::ByteBuffer* request) {
  GenerateOptions options;
  const absl::StatusOr<JobId> id = Submit(*context, *request, options);
  if (!id.ok()) return RefuseStream<grpc::ByteBuffer>(parts_.live_calls, id.status());
  return GenerateStream(parts_, *id, options);
}

grpc::ServerUnaryReactor* OviServiceImpl::CreateJob(Context* context, const grpc::ByteBuffer* request,
                                                    grpc::ByteBuffer* reply) {
  const absl::StatusOr<v1::Job> job = Create(*context, *request);
  if (!job.ok()) return Answer(context, job.status());
  bool own_buffer = false;
  const grpc::Status written = grpc::SerializationTraits<v1::Job>::Serialize(*job, reply, &own_buffer);
  return Answer(context, written.ok() ? absl::OkStatus() : absl::InternalError(written.error_message()));
}

grpc::ServerUnaryReactor* OviServiceImpl::GetJob(Context* context, const v1::GetJobRequest* request, v1::Job* reply) {
  return Answer(context, Get(*context, *request), reply);
}

grpc::ServerUnaryReactor* OviServiceImpl::ListJobs(Context* context, const v1::ListJobsRequest* request,
                                                   v1::ListJobsResponse* reply) {
  return Answer(context, List(*context, *request), reply);
}

grpc::ServerWriteReactor<v1::WatchJobResponse>* OviServiceImpl::WatchJob(Context* context,
                                                                         const v1::WatchJobRequest* request) {
  const absl::StatusOr<Principal> caller = Enter(*context, Scope::kRead);
  if (!caller.ok()) return RefuseStream<v1::WatchJobResponse>(parts_.live_calls, caller.status());
  return WatchJobStream(parts_, *caller, *request);
}

grpc::ServerUnaryReactor* OviServiceImpl::CancelJob(Context* context, const v1::CancelJobRequest* request,
                                                    v1::Job* reply) {
  return Answer(context, Cancel(*context, *request), reply);
}

grpc::ServerUnaryReactor* OviServiceImpl::DeleteJob(Context* context, const v1::DeleteJobRequest* request,
                                                    google::protobuf::Empty*) {
  return Answer(context, Delete(*context, *request));
}

grpc::ServerWriteReactor<v1::ReadArtifactResponse>* OviServiceImpl::ReadArtifact(
    Context* context, const v1::ReadArtifactRequest* request) {
  const absl::StatusOr<Principal> caller = Enter(*context, Scope::kRead);
  if (!caller.ok()) return RefuseStream<v1::ReadArtifactResponse>(parts_.live_calls, caller.status());
  return ReadArtifactStream(parts_, *caller, *request);
}

grpc::ServerUnaryReactor* OviServiceImpl::ListCheckpoints(Context* context, const v1::ListCheckpointsRequest* request,
                                                          v1::ListCheckpointsResponse* reply) {
  return Answer(context, List(*context, *request), reply);
}

grpc::ServerUnaryReactor* OviServiceImpl::GetCheckpoint(Context* context, const v1::GetCheckpointRequest* request,
                                                        v1::Checkpoint* reply) {
  return Answer(context, Find(*context, *request), reply);
}

grpc::ServerUnaryReactor* OviServiceImpl::GetServerInfo(Context* context, const v1::GetServerInfoRequest*,
                                                        v1::ServerInfo* reply) {
  return Answer(context, Info(*context), reply);
}

grpc::ServerWriteReactor<v1::WatchMemoryResponse>* OviServiceImpl::WatchMemory(Context* context,
                                                                               const v1::WatchMemoryRequest* request) {
  const absl::StatusOr<Principal> caller = Enter(*context, std::nullopt);
  if (!caller.ok()) return RefuseStream<v1::WatchMemoryResponse>(parts_.live_calls, caller.status());
  return WatchMemoryStream(parts_, *request);
}

}  // namespace ovi
