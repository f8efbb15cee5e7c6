// ovi.v1.OviService: translates, delegates, translates back. Holds no state and no rule about jobs.
//
// Every handler begins with Enter, before it reads a word of the request.
//
// Handlers run on gRPC's threads and may block for the job store, never for the engine. Generate and CreateJob take
// their bytes unread (decode.h).
#pragma once

#include <grpcpp/support/server_callback.h>

#include <limits>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "ovi/v1/ovi_service.grpc.pb.h"
#include "server/access/door.h"
#include "server/jobs/job_store.h"
#include "server/service/from_proto.h"
#include "server/service/streams.h"

namespace ovi {

// What the server was told, and nobody here knows.
struct ServerFacts {
  std::string version;
  absl::Time start_time;
  int64_t max_message_bytes = 0;
  int64_t max_queued_jobs = 0;
  int64_t max_storage_bytes = QueueLimits::kNone;
  SpecRules spec_rules;
};

using OviServiceBase = v1::OviService::WithRawCallbackMethod_Generate<
    v1::OviService::WithRawCallbackMethod_CreateJob<v1::OviService::CallbackService>>;

class OviServiceImpl final : public OviServiceBase {
 public:
  using Context = grpc::CallbackServerContext;
  template <typename Response>
  using Writer = grpc::ServerWriteReactor<Response>;

  OviServiceImpl(const StreamParts& parts, Door& door, ServerFacts facts)
      : parts_(parts), door_(door), facts_(std::move(facts)) {}

  using OviServiceBase::CreateJob;
  using OviServiceBase::Generate;
  Writer<grpc::ByteBuffer>* Generate(Context* context, const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* CreateJob(Context* context, const grpc::ByteBuffer* request,
                                      grpc::ByteBuffer* reply) override;
  grpc::ServerUnaryReactor* GetJob(Context* context, const v1::GetJobRequest* request, v1::Job* reply) override;
  grpc::ServerUnaryReactor* ListJobs(Context* context, const v1::ListJobsRequest* request,
                                     v1::ListJobsResponse* reply) override;
  Writer<v1::WatchJobResponse>* WatchJob(Context* context, const v1::WatchJobRequest* request) override;
  grpc::ServerUnaryReactor* CancelJob(Context* context, const v1::CancelJobRequest* request, v1::Job* reply) override;
  grpc::ServerUnaryReactor* DeleteJob(Context* context, const v1::DeleteJobRequest* request,
                                      google::protobuf::Empty* reply) override;
  Writer<v1::ReadArtifactResponse>* ReadArtifact(Context* context, const v1::ReadArtifactRequest* request) override;
  grpc::ServerUnaryReactor* ListCheckpoints(Context* context, const v1::ListCheckpointsRequest* request,
                                            v1::ListCheckpointsResponse* reply) override;
  grpc::ServerUnaryReactor* GetCheckpoint(Context* context, const v1::GetCheckpointRequest* request,
                                          v1::Checkpoint* reply) override;
  grpc::ServerUnaryReactor* GetServerInfo(Context* context, const v1::GetServerInfoRequest* request,
                                          v1::ServerInfo* reply) override;
  Writer<v1::WatchMemoryResponse>* WatchMemory(Context* context, const v1::WatchMemoryRequest* request) override;

 private:
  // Who calls, if the door lets him in and he has `scope` (absent: any will do).
  absl::StatusOr<Principal> Enter(const Context& context, std::optional<Scope> scope) const;
  absl::StatusOr<Principal> EnterToSubmit(const Context& context);
  absl::StatusOr<JobSpec> Spec(const v1::Job& job) const;
  absl::StatusOr<v1::Job> Create(const Context& context, const grpc::ByteBuffer& request);
  absl::StatusOr<JobId> Submit(const Context& context, const grpc::ByteBuffer& request, GenerateOptions& options);
  absl::StatusOr<v1::Job> Get(const Context& context, const v1::GetJobRequest& request) const;
  absl::StatusOr<v1::ListJobsResponse> List(const Context& context, const v1::ListJobsRequest& request) const;
  absl::StatusOr<v1::Job> Cancel(const Context& context, const v1::CancelJobRequest& request) const;
  absl::Status Delete(const Context& context, const v1::DeleteJobRequest& request) const;
  absl::StatusOr<v1::ListCheckpointsResponse> List(const Context& context,
                                                   const v1::ListCheckpointsRequest& request) const;
  absl::StatusOr<v1::Checkpoint> Find(const Context& context, const v1::GetCheckpointRequest& request) const;
  absl::StatusOr<v1::ServerInfo> Info(const Context& context) const;
  v1::Checkpoint Describe(const CheckpointInfo& info) const;

  const StreamParts parts_;
  Door& door_;
  const ServerFacts facts_;
};

}  // namespace ovi
