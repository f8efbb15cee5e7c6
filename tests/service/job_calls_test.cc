// CreateJob, GetJob, ListJobs, CancelJob, DeleteJob, over the wire.
#include <gmock/gmock.h>

#include "server/artifacts/sha256.h"
#include "tests/service/service_rig.h"

namespace ovi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class JobCallsTest : public ServiceTest {
 protected:
  std::vector<std::string> List(const std::string& filter, int page_size, std::string& token) {
    grpc::ClientContext context;
    v1::ListJobsRequest request;
    request.set_filter(filter);
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::ListJobsResponse response;
    const grpc::Status status = stub_->ListJobs(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    token = response.next_page_token();
    std::vector<std::string> names;
    for (const v1::Job& job : response.jobs()) names.push_back(job.name());
    return names;
  }
  grpc::Status ListWith(const v1::ListJobsRequest& request) {
    grpc::ClientContext context;
    v1::ListJobsResponse response;
    return stub_->ListJobs(&context, request, &response);
  }
};

TEST_F(JobCallsTest, TheRecordReturnsTheEffectiveRequest) {
  v1::Job ask = Ask();
  ask.mutable_request()->clear_seed();
  ask.mutable_request()->set_height(100);
  ask.mutable_request()->set_width(200);
  (*ask.mutable_labels())["album"] = "night";
  const v1::Job job = Create(ask);
  const v1::ClipRequest& request = job.request();
  EXPECT_THAT(job.name(), HasSubstr("jobs/"));
  EXPECT_EQ(request.checkpoint(), "checkpoints/demo");
  EXPECT_TRUE(request.has_seed());
  EXPECT_EQ(request.seed(), 4711u);
  EXPECT_EQ(request.height() % 32, 0);
  EXPECT_NE(request.width(), 200);
  EXPECT_EQ(request.steps(), 4);
  EXPECT_EQ(request.solver(), v1::SOLVER_UNI_PC);
  EXPECT_EQ(request.video_negative_prompt(), "jitter");
  EXPECT_EQ(request.output_format(), v1::OUTPUT_FORMAT_MP4);
  EXPECT_EQ(job.labels().at("album"), "night");
}

TEST_F(JobCallsTest, AnEndedJobHasItsTimesMemoryAndArtifact) {
  const v1::Job job = AwaitEnd(Create().name());
  EXPECT_EQ(job.state(), v1::Job::SUCCEEDED);
  EXPECT_TRUE(job.has_start_time() && job.has_end_time());
  EXPECT_EQ(job.memory_size(), 6);
  EXPECT_EQ(job.memory(5).point(), v1::MEMORY_POINT_DONE);
  EXPECT_EQ(job.artifact().name(), job.name() + "/artifact");
  EXPECT_EQ(job.artifact().sha256(), Sha256Of(FakeEngine::OutputFor(7, 1000)));
  EXPECT_EQ(job.artifact().size_bytes(), 1000);
  EXPECT_EQ(Get(job.name()).SerializeAsString(), job.SerializeAsString());
}

TEST_F(JobCallsTest, AFirstFrameIsDescribedButNotReturned) {
  v1::Job ask = Ask();
  ask.mutable_request()->mutable_first_frame()->set_content("not really a PNG, but the fake engine does not look");
  ask.mutable_request()->mutable_first_frame()->set_fit(v1::IMAGE_FIT_CENTER_CROP);
  const v1::FirstFrame frame = AwaitEnd(Create(ask).name()).request().first_frame();
  EXPECT_EQ(frame.content(), "");
  EXPECT_EQ(frame.size_bytes(), 51);
  EXPECT_EQ(frame.sha256(), Sha256Of(ask.request().first_frame().content()));
  EXPECT_EQ(frame.fit(), v1::IMAGE_FIT_CENTER_CROP);
}

TEST_F(JobCallsTest, ValidateOnlyChecksEverythingAndStoresNothing) {
  v1::CreateJobRequest request;
  *request.mutable_job() = Ask();
  request.set_validate_only(true);
  v1::Job job;
  ASSERT_TRUE(Create(request, job).ok());
  EXPECT_EQ(job.name(), "");
  EXPECT_EQ(job.request().steps(), 4);
  request.mutable_job()->mutable_request()->set_steps(0);
  EXPECT_EQ(Create(request, job).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  std::string token;
  EXPECT_THAT(List("", 10, token), testing::IsEmpty());
}

TEST_F(JobCallsTest, TheSameRequestIdIsTheSameJob) {
  engine_.HoldSteps();
  v1::CreateJobRequest request;
  *request.mutable_job() = Ask();
  request.mutable_job()->mutable_request()->clear_seed();  // drawn anew each time, and yet the same request
  request.set_request_id("123e4567-e89b-42d3-a456-426614174000");
  v1::Job first, second;
  ASSERT_TRUE(Create(request, first).ok());
  ASSERT_TRUE(Create(request, second).ok());
  EXPECT_EQ(first.name(), second.name());

  request.mutable_job()->mutable_request()->set_steps(9);
  (*request.mutable_job()->mutable_labels())["a"] = "b";
  const grpc::Status status = Create(request, second);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  const Details details = DetailsOf(status);
  EXPECT_EQ(details.info.reason(), "REQUEST_ID_REUSED");
  EXPECT_EQ(details.info.metadata().at("differingFields"), "job.labels.a, job.request.steps");
}

TEST_F(JobCallsTest, PagesHoldEveryJobOnce) {
  std::vector<std::string> created;
  for (int i = 0; i < 5; ++i) created.insert(created.begin(), Create().name());
  std::vector<std::string> listed;
  std::string token;
  do {
    for (const std::string& name : List("", 2, token)) listed.push_back(name);
  } while (!token.empty());
  EXPECT_EQ(listed, created);
}

TEST_F(JobCallsTest, FiltersSelectByStateAndLabel) {
  engine_.HoldSteps();
  const std::string running = Create().name();
  engine_.AwaitHeldStep();
  v1::Job ask = Ask();
  (*ask.mutable_labels())["album"] = "night";
  const std::string queued = Create(ask).name();
  std::string token;
  EXPECT_THAT(List("state = RUNNING", 10, token), ElementsAre(running));
  EXPECT_THAT(List("labels.album = night AND state = QUEUED", 10, token), ElementsAre(queued));
}

TEST_F(JobCallsTest, ATokenOfAnotherListingIsRefused) {
  for (int i = 0; i < 3; ++i) Create();
  std::string token;
  List("", 1, token);
  for (const auto& [page_token, filter] : {std::pair<std::string, std::string>{"rubbish", ""},
                                           {token, "state = QUEUED"},
                                           {token + "A", ""},
                                           {token.substr(1), ""}}) {
    v1::ListJobsRequest request;
    request.set_page_token(page_token);
    request.set_filter(filter);
    const grpc::Status status = ListWith(request);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << page_token;
    EXPECT_EQ(DetailsOf(status).bad_request.field_violations(0).field(), "page_token");
  }
}

TEST_F(JobCallsTest, CancelReturnsTheJobTwiceAndRefusesOneThatSucceeded) {
  engine_.HoldSteps();
  const std::string running = Create().name();
  engine_.AwaitHeldStep();
  const std::string queued = Create().name();
  v1::Job job;
  ASSERT_TRUE(Cancel(queued, job).ok());
  EXPECT_EQ(job.state(), v1::Job::CANCELLED);
  ASSERT_TRUE(Cancel(queued, job).ok());
  EXPECT_EQ(job.state(), v1::Job::CANCELLED);
  ASSERT_TRUE(Cancel(running, job).ok());
  EXPECT_EQ(job.state(), v1::Job::RUNNING);
  EXPECT_TRUE(job.has_cancel_request_time());
  ASSERT_TRUE(Cancel(running, job).ok());
  engine_.ReleaseSteps();
  EXPECT_EQ(AwaitEnd(running).error().code(), static_cast<int>(grpc::StatusCode::CANCELLED));

  const std::string done = Create().name();
  AwaitEnd(done);
  const grpc::Status status = Cancel(done, job);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(DetailsOf(status).info.metadata().at("state"), "SUCCEEDED");
}

TEST_F(JobCallsTest, DeleteNeedsAnEndAndLeavesNothing) {
  engine_.HoldSteps();
  const std::string name = Create().name();
  EXPECT_EQ(Delete(name).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  engine_.ReleaseSteps();
  const v1::Job job = AwaitEnd(name);
  const std::string path = job.artifact().uri().substr(std::string("file://").size());
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_TRUE(Delete(name).ok());
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(Delete(name).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(JobCallsTest, AFailedJobKeepsItsErrorWithItsDetails) {
  engine_.FailNextWith(absl::ResourceExhaustedError("the device ran out of memory; ask for a smaller or shorter clip"));
  const std::string name = Create().name();
  AwaitEnd(name);
  const v1::Job job = Get(name);
  EXPECT_EQ(job.state(), v1::Job::FAILED);
  EXPECT_EQ(job.error().code(), static_cast<int>(grpc::StatusCode::RESOURCE_EXHAUSTED));
  EXPECT_THAT(job.error().message(), HasSubstr("smaller"));
  EXPECT_EQ(DetailsOf(job.error()).info.domain(), "ovi.dev");
  EXPECT_EQ(job.progress().step().step(), 1);
}

TEST_F(JobCallsTest, AQueuedJobTellsItsPlace) {
  engine_.HoldSteps();
  Create();
  engine_.AwaitHeldStep();
  const v1::Job job = Get(Create().name());
  EXPECT_EQ(job.queue_place().jobs_ahead(), 1);
  EXPECT_TRUE(job.queue_place().until_start().first_guess());
  EXPECT_EQ(job.state(), v1::Job::QUEUED);
}

}  // namespace
}  // namespace ovi
