// Generate, WatchJob, ReadArtifact, WatchMemory, over the wire.
#include <gmock/gmock.h>

#include <atomic>
#include <limits>
#include <thread>

#include "server/artifacts/sha256.h"
#include "tests/service/service_rig.h"

namespace ovi {
namespace {

using testing::ElementsAre;

constexpr size_t kThreeChunks = (600 << 10) + 5;

class StreamCallsTest : public ServiceTest {
 protected:
  grpc::Status Generate(const v1::GenerateRequest& request, std::vector<v1::GenerateResponse>& messages) {
    grpc::ClientContext context;
    const auto reader = stub_->Generate(&context, request);
    v1::GenerateResponse message;
    while (reader->Read(&message)) messages.push_back(message);
    return reader->Finish();
  }
  grpc::Status Read(const std::string& name, int64_t offset, int64_t limit, std::string& bytes,
                    v1::Artifact& artifact) {
    grpc::ClientContext context;
    v1::ReadArtifactRequest request;
    request.set_name(name);
    request.set_read_offset(offset);
    request.set_read_limit(limit);
    const auto reader = stub_->ReadArtifact(&context, request);
    v1::ReadArtifactResponse message;
    int64_t next = offset;
    while (reader->Read(&message)) {
      if (message.has_artifact()) artifact = message.artifact();
      if (!message.has_chunk()) continue;
      EXPECT_EQ(message.chunk().offset(), next);
      EXPECT_LE(message.chunk().data().size(), 256u << 10);
      bytes += message.chunk().data();
      next += static_cast<int64_t>(message.chunk().data().size());
    }
    return reader->Finish();
  }
  static v1::GenerateRequest GenerateAsk() {
    v1::GenerateRequest request;
    *request.mutable_job() = Ask();
    return request;
  }
};

TEST_F(StreamCallsTest, GenerateTellsProgressThenSendsTheClipThenTheOutcome) {
  engine_.SetOutputBytes(kThreeChunks);
  std::vector<v1::GenerateResponse> messages;
  const grpc::Status status = Generate(GenerateAsk(), messages);
  ASSERT_TRUE(status.ok()) << status.error_message();
  std::vector<std::string> kinds;
  std::string bytes;
  for (const v1::GenerateResponse& message : messages) {
    bytes += message.chunk().data();
    static const char* const kNames[] = {"none",     "",       "",       "accepted", "queued",  "started",
                                         "stage",    "step",   "decode", "memory",   "preview", "cancel_requested",
                                         "requeued", "outcome"};
    kinds.push_back(message.has_chunk() ? "chunk" : kNames[message.event().event_case()]);
  }
  EXPECT_THAT(kinds, ElementsAre("accepted", "queued", "started", "memory", "stage", "memory", "stage", "step", "step",
                                 "step", "step", "memory", "stage", "memory", "stage", "decode", "memory", "stage",
                                 "memory", "chunk", "chunk", "chunk", "outcome"));
  EXPECT_EQ(bytes, FakeEngine::OutputFor(7, kThreeChunks));
  const v1::Job& job = messages.back().event().outcome();
  EXPECT_EQ(job.state(), v1::Job::SUCCEEDED);
  EXPECT_EQ(job.artifact().sha256(), Sha256Of(bytes));
}

TEST_F(StreamCallsTest, GenerateByUriSendsNoChunk) {
  v1::GenerateRequest request = GenerateAsk();
  request.set_delivery(v1::GenerateRequest::URI);
  std::vector<v1::GenerateResponse> messages;
  ASSERT_TRUE(Generate(request, messages).ok());
  for (const v1::GenerateResponse& message : messages) EXPECT_FALSE(message.has_chunk());
  EXPECT_THAT(messages.back().event().outcome().artifact().uri(), testing::StartsWith("file:///"));
}

TEST_F(StreamCallsTest, AFailedJobIsAnOutcomeNotAStatus) {
  engine_.FailNextWith(absl::InternalError("broke"));
  std::vector<v1::GenerateResponse> messages;
  EXPECT_TRUE(Generate(GenerateAsk(), messages).ok());
  EXPECT_EQ(messages.back().event().outcome().state(), v1::Job::FAILED);
}

TEST_F(StreamCallsTest, ARefusedGenerateHasAStatusAndNoMessage) {
  v1::GenerateRequest request = GenerateAsk();
  request.mutable_job()->mutable_request()->clear_prompt();
  std::vector<v1::GenerateResponse> messages;
  EXPECT_EQ(Generate(request, messages).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(messages.empty());
}

TEST_F(StreamCallsTest, PreviewsComeAsOftenAsAsked) {
  v1::GenerateRequest request = GenerateAsk();
  request.mutable_job()->mutable_request()->set_preview_interval_steps(4);
  std::vector<v1::GenerateResponse> messages;
  ASSERT_TRUE(Generate(request, messages).ok());
  int previews = 0;
  for (const v1::GenerateResponse& message : messages) previews += message.event().has_preview() ? 1 : 0;
  EXPECT_EQ(previews, 1);
}

TEST_F(StreamCallsTest, AVanishedClientLeavesItsJobAlone) {
  engine_.HoldSteps();
  std::string name;
  {
    grpc::ClientContext context;
    const auto reader = stub_->Generate(&context, GenerateAsk());
    v1::GenerateResponse message;
    ASSERT_TRUE(reader->Read(&message));
    name = message.event().accepted().name();
    context.TryCancel();
    EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  engine_.ReleaseSteps();
  EXPECT_EQ(AwaitEnd(name).state(), v1::Job::SUCCEEDED);
}

TEST_F(StreamCallsTest, AVanishedClientTakesItsJobWithItIfItSaidSo) {
  engine_.HoldSteps();
  std::string name;
  {
    grpc::ClientContext context;
    v1::GenerateRequest request = GenerateAsk();
    request.set_cancel_on_disconnect(true);
    const auto reader = stub_->Generate(&context, request);
    v1::GenerateResponse message;
    ASSERT_TRUE(reader->Read(&message));
    name = message.event().accepted().name();
    engine_.AwaitHeldStep();
    context.TryCancel();
    reader->Finish();
  }
  // The step stays held until the server knows that the client is gone.
  grpc::ClientContext context;
  v1::WatchJobRequest request;
  request.set_name(name);
  const auto reader = stub_->WatchJob(&context, request);
  v1::WatchJobResponse response;
  while (reader->Read(&response) && !response.event().has_cancel_requested()) {
  }
  engine_.ReleaseSteps();
  while (reader->Read(&response)) {
  }
  EXPECT_EQ(response.event().outcome().state(), v1::Job::CANCELLED);
}

TEST_F(StreamCallsTest, AWatcherResumesAfterTheNumberItSaw) {
  const std::string name = Create().name();
  AwaitEnd(name);
  std::vector<v1::JobEvent> all, rest, nothing_new;
  ASSERT_TRUE(Watch(name, 0, all).ok());
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].number(), static_cast<int64_t>(i) + 1);
  ASSERT_TRUE(Watch(name, 5, rest).ok());
  EXPECT_EQ(rest.size(), all.size() - 5);
  EXPECT_EQ(rest.front().number(), 6);
  ASSERT_TRUE(Watch(name, all.back().number(), nothing_new).ok());
  ASSERT_EQ(nothing_new.size(), 1u);
  EXPECT_EQ(nothing_new[0].outcome().state(), v1::Job::SUCCEEDED);
  EXPECT_EQ(nothing_new[0].number(), all.back().number());
}

TEST_F(StreamCallsTest, ANumberNoEventHasIsRefused) {
  engine_.HoldSteps();
  const std::string name = Create().name();
  std::vector<v1::JobEvent> events;
  EXPECT_EQ(Watch(name, 1000, events).error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(Watch(name, -1, events).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(StreamCallsTest, AWatcherThatDoesNotReadHoldsUpNobody) {
  v1::Job ask = Ask();
  ask.mutable_request()->set_steps(1000);
  ask.mutable_request()->set_preview_interval_steps(1);
  engine_.HoldSteps();
  const std::string name = Create(ask).name();
  grpc::ClientContext context;
  v1::WatchJobRequest request;
  request.set_name(name);
  const auto slow = stub_->WatchJob(&context, request);
  v1::WatchJobResponse response;
  ASSERT_TRUE(slow->Read(&response));
  engine_.ReleaseSteps();
  EXPECT_EQ(AwaitEnd(name).state(), v1::Job::SUCCEEDED);
  int64_t last = response.event().number();
  while (slow->Read(&response)) {
    EXPECT_GT(response.event().number(), last);
    last = response.event().number();
  }
  EXPECT_TRUE(slow->Finish().ok());
  EXPECT_EQ(response.event().outcome().state(), v1::Job::SUCCEEDED);
}

TEST_F(StreamCallsTest, HundredWatchersSeeOneOutcome) {
  engine_.HoldSteps();
  const std::string name = Create().name();
  std::vector<std::thread> watchers;
  std::atomic<int> succeeded = 0;
  for (int i = 0; i < 100; ++i) {
    watchers.emplace_back([&] { succeeded += AwaitEnd(name).state() == v1::Job::SUCCEEDED ? 1 : 0; });
  }
  engine_.ReleaseSteps();
  for (std::thread& watcher : watchers) watcher.join();
  EXPECT_EQ(succeeded, 100);
}

TEST_F(StreamCallsTest, AnArtifactIsReadFromAnyOffset) {
  engine_.SetOutputBytes(kThreeChunks);
  const v1::Job job = AwaitEnd(Create().name());
  const std::string whole = FakeEngine::OutputFor(7, kThreeChunks);
  const auto size = static_cast<int64_t>(whole.size());
  struct Case {
    int64_t offset, limit;
    std::string expected;
  };
  for (const Case& each :
       {Case{0, 0, whole}, Case{300000, 0, whole.substr(300000)}, Case{300000, 7, whole.substr(300000, 7)},
        Case{size - 3, 100, whole.substr(whole.size() - 3)}, Case{size, 0, ""},
        Case{1, std::numeric_limits<int64_t>::max(), whole.substr(1)}}) {
    std::string bytes;
    v1::Artifact artifact;
    const grpc::Status status = Read(job.artifact().name(), each.offset, each.limit, bytes, artifact);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(bytes, each.expected) << each.offset;
    EXPECT_EQ(artifact.sha256(), Sha256Of(whole));
    EXPECT_EQ(artifact.size_bytes(), size);
  }
}

TEST_F(StreamCallsTest, ReadingWhatIsNotThereIsRefused) {
  const v1::Job job = AwaitEnd(Create().name());
  std::string bytes;
  v1::Artifact artifact;
  const grpc::Status beyond = Read(job.artifact().name(), 1001, 0, bytes, artifact);
  EXPECT_EQ(beyond.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(DetailsOf(beyond).info.metadata().at("sizeBytes"), "1000");
  EXPECT_EQ(Read(job.artifact().name(), -1, 0, bytes, artifact).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Read(job.name(), 0, 0, bytes, artifact).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  engine_.HoldSteps();
  const grpc::Status early = Read(Create().name() + "/artifact", 0, 0, bytes, artifact);
  EXPECT_EQ(early.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  std::filesystem::remove(job.artifact().uri().substr(7));
  EXPECT_EQ(Read(job.artifact().name(), 0, 0, bytes, artifact).error_code(), grpc::StatusCode::DATA_LOSS);
}

TEST_F(StreamCallsTest, MemoryIsSampledUntilTheClientGoes) {
  grpc::ClientContext context;
  v1::WatchMemoryRequest request;
  request.mutable_interval()->set_nanos(100'000'000);
  const auto reader = stub_->WatchMemory(&context, request);
  v1::WatchMemoryResponse response;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(reader->Read(&response));
    EXPECT_EQ(response.sample().allocated_bytes(), 1000);
    EXPECT_FALSE(response.sample().has_point());
  }
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

}  // namespace
}  // namespace ovi
