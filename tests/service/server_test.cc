// The server as a whole: what it says of itself, health, reflection, drain and stop.
#include "server/server.h"

#include <gmock/gmock.h>

#include <thread>

#include "server/listen_address.h"
#include "tests/service/service_rig.h"

namespace ovi {
namespace {

using testing::HasSubstr;

class ServerTest : public ServiceTest {};

TEST_F(ServerTest, InfoTellsVersionEngineAndLimits) {
  grpc::ClientContext context;
  v1::ServerInfo info;
  ASSERT_TRUE(stub_->GetServerInfo(&context, v1::GetServerInfoRequest(), &info).ok());
  EXPECT_EQ(info.version(), std::string(Version()));
  EXPECT_EQ(info.engine().bundle(), "fake");
  EXPECT_EQ(info.limits().max_message_bytes(), 32 << 20);
  EXPECT_EQ(info.limits().max_queued_jobs(), 20);
  EXPECT_FALSE(info.draining());
}

TEST_F(ServerTest, InfoTellsKernelsAndMemory) {
  engine_.SetMemoryBudget(5'000'000'000);
  Restart(SmallServer());
  grpc::ClientContext context;
  v1::ServerInfo info;
  ASSERT_TRUE(stub_->GetServerInfo(&context, v1::GetServerInfoRequest(), &info).ok());
  EXPECT_EQ(info.engine().attention_backend(), "flash");
  EXPECT_EQ(info.engine().convolution_backend(), "vendor");
  EXPECT_EQ(info.limits().memory_budget_bytes(), 5'000'000'000);
  EXPECT_EQ(info.memory().budget_bytes(), 5'000'000'000);
  EXPECT_EQ(info.memory().system_vram_bytes(), 1000);
  EXPECT_EQ(info.memory().system_gtt_bytes(), 3000);
  EXPECT_EQ(info.memory().device_total_bytes(), 9000);
  EXPECT_EQ(info.memory().device_free_bytes(), 8000);
}

// The record, the stream's readings and the prediction.
TEST_F(ServerTest, AJobTellsItsSixPointsAndWhatWasPredicted) {
  const v1::Job job = AwaitEnd(Create().name());
  ASSERT_EQ(job.memory_size(), 6);
  EXPECT_EQ(job.memory(5).point(), v1::MEMORY_POINT_DONE);
  EXPECT_FALSE(job.memory(5).has_budget_bytes());
  EXPECT_EQ(job.predicted_peak_bytes(), 128 * 128 * FakeEngine::kPeakPerPixel);
}

TEST_F(ServerTest, CheckpointsTellWhatTheyCanDoInPages) {
  v1::ListCheckpointsRequest request;
  request.set_page_size(1);
  v1::ListCheckpointsResponse first, second;
  grpc::ClientContext one, two;
  ASSERT_TRUE(stub_->ListCheckpoints(&one, request, &first).ok());
  request.set_page_token(first.next_page_token());
  ASSERT_TRUE(stub_->ListCheckpoints(&two, request, &second).ok());
  EXPECT_EQ(first.checkpoints(0).name(), "checkpoints/demo");
  EXPECT_TRUE(first.checkpoints(0).is_default());
  EXPECT_EQ(first.checkpoints(0).solvers_size(), 3);
  EXPECT_EQ(first.checkpoints(0).defaults().steps(), 4);
  EXPECT_EQ(first.checkpoints(0).clip_duration().seconds(), 5);
  EXPECT_EQ(first.checkpoints(0).limits().max_prompt_bytes(), 10000);
  EXPECT_EQ(second.checkpoints(0).name(), "checkpoints/other");
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(ServerTest, ACheckpointIsFoundByName) {
  grpc::ClientContext found, missing;
  v1::GetCheckpointRequest request;
  request.set_name("checkpoints/other");
  v1::Checkpoint checkpoint;
  ASSERT_TRUE(stub_->GetCheckpoint(&found, request, &checkpoint).ok());
  EXPECT_EQ(checkpoint.name(), "checkpoints/other");
  request.set_name("checkpoints/nope");
  EXPECT_EQ(stub_->GetCheckpoint(&missing, request, &checkpoint).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(ServerTest, DrainingLetsTheRunningJobFinishAndTellsEverybody) {
  engine_.HoldSteps();
  const std::string running = Create().name();
  engine_.AwaitHeldStep();
  const std::string queued = Create().name();
  server_->BeginDrain();

  v1::Job job;
  const grpc::Status refused = Create(Ask(), job);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(DetailsOf(refused).info.reason(), "SERVER_DRAINING");
  EXPECT_EQ(AwaitEnd(queued).state(), v1::Job::FAILED);
  EXPECT_EQ(Get(running).state(), v1::Job::RUNNING);
  EXPECT_FALSE(server_->WaitDrained(absl::ZeroDuration()));

  engine_.ReleaseSteps();
  EXPECT_EQ(AwaitEnd(running).state(), v1::Job::SUCCEEDED);
  EXPECT_TRUE(server_->WaitDrained(absl::Minutes(1)));
}

TEST_F(ServerTest, StoppingEndsTheRunningJobAndEveryStream) {
  engine_.HoldSteps();
  const std::string name = Create().name();
  engine_.AwaitHeldStep();
  grpc::ClientContext job_context, memory_context;
  v1::WatchJobRequest request;
  request.set_name(name);
  const auto job_reader = stub_->WatchJob(&job_context, request);
  const auto memory_reader = stub_->WatchMemory(&memory_context, v1::WatchMemoryRequest());
  v1::WatchMemoryResponse memory;
  ASSERT_TRUE(memory_reader->Read(&memory));

  server_->BeginDrain();
  server_->StopRunningJob();
  engine_.LetThrough(1);
  std::thread stopper([&] { server_->Stop(); });
  v1::WatchJobResponse last;
  while (job_reader->Read(&last)) {
  }
  EXPECT_TRUE(job_reader->Finish().ok());
  EXPECT_EQ(last.event().outcome().state(), v1::Job::FAILED);
  EXPECT_EQ(DetailsOf(last.event().outcome().error()).info.reason(), "SERVER_STOPPED");
  while (memory_reader->Read(&memory)) {
  }
  EXPECT_EQ(memory_reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  stopper.join();
}

TEST_F(ServerTest, ATakenPortIsNamed) {
  ServerOptions options = SmallServer();
  options.listen = server_->address();
  const absl::Status status = OviServer::Start(engine_, *store_, *artifacts_, clock_, options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(server_->address() + ": Address already in use"));
}

TEST(ListenAddressTest, IsHostAndPort) {
  EXPECT_EQ(ParseListenAddress("[::1]:50051")->ToString(), "[::1]:50051");
  EXPECT_TRUE(ParseListenAddress("localhost:0")->IsLoopback());
  EXPECT_TRUE(ParseListenAddress("127.1.2.3:1")->IsLoopback());
  EXPECT_FALSE(ParseListenAddress("0.0.0.0:1")->IsLoopback());
  for (const char* text : {"", ":1", "host", "host:", "host:65536", "host:-1", "::1:50051", "[]:1", "host:5x"}) {
    EXPECT_FALSE(ParseListenAddress(text).ok()) << text;
  }
}

}  // namespace
}  // namespace ovi
