// A real server on a free port with a fake engine, and a client of it.
#pragma once

#include <grpcpp/create_channel.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "ovi/v1/ovi_service.grpc.pb.h"
#include "server/artifacts/directory_store.h"
#include "server/jobs/memory_job_store.h"
#include "server/server.h"
#include "tests/service/fake_engine.h"

namespace ovi {

// The details of a refused call.
struct Details {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
  google::rpc::RetryInfo retry;
};

inline Details DetailsOf(const google::rpc::Status& status) {
  Details details;
  for (const auto& any : status.details()) {
    any.UnpackTo(&details.info) || any.UnpackTo(&details.bad_request) || any.UnpackTo(&details.retry);
  }
  return details;
}

inline Details DetailsOf(const grpc::Status& status) {
  google::rpc::Status rich;
  EXPECT_TRUE(rich.ParseFromString(status.error_details()));
  return DetailsOf(rich);
}

class ServiceTest : public testing::Test {
 protected:
  static ServerOptions SmallServer() {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.max_queued = 20;
    return options;
  }

  ServiceTest()
      : folder_(testing::TempDir() + "ovi-service-" + JobId::Random().value()),
        artifacts_(*OpenDirectoryStore(folder_)) {
    Restart(SmallServer());
  }

  // Another server over the same engine, with no job.
  void Restart(const ServerOptions& options) {
    server_.reset();
    store_ = std::make_unique<MemoryJobStore>();
    server_ = *OviServer::Start(engine_, *store_, *artifacts_, clock_, options);
    channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    stub_ = v1::OviService::NewStub(channel_);
  }

  ~ServiceTest() override {
    engine_.ReleaseSteps();
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  // A request that needs nothing but a prompt.
  static v1::Job Ask(const std::string& prompt = "a ball", uint64_t seed = 7) {
    v1::Job job;
    job.mutable_request()->set_prompt(prompt);
    job.mutable_request()->set_seed(seed);
    return job;
  }

  grpc::Status Create(const v1::CreateJobRequest& request, v1::Job& job) {
    grpc::ClientContext context;
    return stub_->CreateJob(&context, request, &job);
  }
  grpc::Status Create(const v1::Job& ask, v1::Job& job) {
    v1::CreateJobRequest request;
    *request.mutable_job() = ask;
    return Create(request, job);
  }
  v1::Job Create(const v1::Job& ask = Ask()) {
    v1::Job job;
    const grpc::Status status = Create(ask, job);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return job;
  }
  v1::Job Get(const std::string& name) {
    grpc::ClientContext context;
    v1::GetJobRequest request;
    request.set_name(name);
    v1::Job job;
    const grpc::Status status = stub_->GetJob(&context, request, &job);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return job;
  }
  grpc::Status Cancel(const std::string& name, v1::Job& job) {
    grpc::ClientContext context;
    v1::CancelJobRequest request;
    request.set_name(name);
    return stub_->CancelJob(&context, request, &job);
  }
  grpc::Status Delete(const std::string& name) {
    grpc::ClientContext context;
    v1::DeleteJobRequest request;
    request.set_name(name);
    google::protobuf::Empty empty;
    return stub_->DeleteJob(&context, request, &empty);
  }

  // Reads the stream to its end.
  grpc::Status Watch(const std::string& name, int64_t after, std::vector<v1::JobEvent>& events) {
    grpc::ClientContext context;
    v1::WatchJobRequest request;
    request.set_name(name);
    request.set_after_event_number(after);
    const auto reader = stub_->WatchJob(&context, request);
    v1::WatchJobResponse response;
    while (reader->Read(&response)) events.push_back(response.event());
    return reader->Finish();
  }
  v1::Job AwaitEnd(const std::string& name) {
    std::vector<v1::JobEvent> events;
    const grpc::Status status = Watch(name, 0, events);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return events.empty() ? v1::Job() : events.back().outcome();
  }

  const std::string folder_;
  FakeEngine engine_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  const std::unique_ptr<ArtifactStore> artifacts_;
  std::unique_ptr<JobStore> store_;
  std::unique_ptr<OviServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::OviService::Stub> stub_;
};

}  // namespace ovi
