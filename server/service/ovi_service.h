// ovi.v1.OviService: translates, delegates, translates back. Holds no state and no rule about jobs.
//
// Handlers run on gRPC's threads and may block for the job store, never for the engine. Generate and CreateJob take
// their bytes unread (decode.h).
#pragma once

#include <grpcpp/support/server_callback.h>

#include <string>

#include "absl/time/time.h"
#include "ovi/v1/ovi_service.grpc.pb.h"
#include "server/service/streams.h"
#include "server/webhooks/webhook_uri.h"

namespace ovi {

// What the server was told, and nobody here knows.
struct ServerFacts {
  std::string version;
  absl::Time start_time;
  int64_t max_message_bytes = 0;
  int64_t max_queued_jobs = 0;
  int64_t max_storage_bytes = QueueLimits::kNone;
  PrivateAddresses webhook_addresses = PrivateAddresses::kRefused;
};

using OviServiceBase = v1::OviService::WithRawCallbackMethod_Generate<
    v1::OviService::WithRawCallbackMethod_CreateJob<v1::OviService::CallbackService>>;

class OviServiceImpl final : public OviServiceBase {
 public:
  using Context = grpc::CallbackServerContext;
  template <typename Response>
  using Writer = grpc::ServerWriteReactor<Response>;

  OviServiceImpl(const StreamParts& parts, ServerFacts facts) : parts_(parts), facts_(std::move(facts)) {}

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
  absl::StatusOr<v1::Job> Create(const grpc::ByteBuffer& request);
  absl::StatusOr<JobId> Submit(const v1::GenerateRequest& request, GenerateOptions& options);
  absl::StatusOr<v1::ListJobsResponse> List(const v1::ListJobsRequest& request) const;
  absl::StatusOr<v1::ListCheckpointsResponse> List(const v1::ListCheckpointsRequest& request) const;
  absl::StatusOr<v1::Checkpoint> Find(const v1::GetCheckpointRequest& request) const;

  const StreamParts parts_;
  const ServerFacts facts_;
};

}  // namespace ovi
