// Every refusal is typed: code, reason, the field, its value and what to do instead (AIP-193).
#include <gmock/gmock.h>

#include <cmath>
#include <functional>

#include "tests/service/service_rig.h"

namespace ovi {
namespace {

using grpc::StatusCode;
using testing::HasSubstr;

class RefusalsTest : public ServiceTest {};

struct BadJob {
  const char* name;
  std::function<void(v1::Job&)> change;
  StatusCode code;
  const char* reason;
  const char* field;    // of the first violation; empty: none
  const char* message;  // a part: the value
};

const BadJob kBadJobs[] = {
    {"no request", [](v1::Job& job) { job.clear_request(); }, StatusCode::INVALID_ARGUMENT, "REQUIRED", "job.request",
     "missing"},
    {"unknown checkpoint", [](v1::Job& job) { job.mutable_request()->set_checkpoint("checkpoints/nope"); },
     StatusCode::NOT_FOUND, "UNKNOWN_CHECKPOINT", "", "nope"},
    {"empty prompt", [](v1::Job& job) { job.mutable_request()->set_prompt(""); }, StatusCode::INVALID_ARGUMENT,
     "EMPTY_PROMPT", "job.request.prompt", "prompt"},
    {"100 kB prompt", [](v1::Job& job) { job.mutable_request()->set_prompt(std::string(100'000, 'x')); },
     StatusCode::INVALID_ARGUMENT, "PROMPT_TOO_LONG", "job.request.prompt", "100000"},
    {"steps 0", [](v1::Job& job) { job.mutable_request()->set_steps(0); }, StatusCode::INVALID_ARGUMENT,
     "STEPS_OUT_OF_RANGE", "job.request.steps", "0"},
    {"steps 10^6", [](v1::Job& job) { job.mutable_request()->set_steps(1'000'000); }, StatusCode::INVALID_ARGUMENT,
     "STEPS_OUT_OF_RANGE", "job.request.steps", "1000000"},
    {"NaN guidance", [](v1::Job& job) { job.mutable_request()->set_video_guidance_scale(std::nan("")); },
     StatusCode::INVALID_ARGUMENT, "NOT_FINITE", "job.request.video_guidance_scale", "nan"},
    {"height 0", [](v1::Job& job) { job.mutable_request()->set_height(0), job.mutable_request()->set_width(128); },
     StatusCode::INVALID_ARGUMENT, "SIZE_OUT_OF_RANGE", "job.request.height", "0"},
    {"negative width",
     [](v1::Job& job) { job.mutable_request()->set_height(128), job.mutable_request()->set_width(-5); },
     StatusCode::INVALID_ARGUMENT, "SIZE_OUT_OF_RANGE", "job.request.width", "-5"},
    {"height alone", [](v1::Job& job) { job.mutable_request()->set_height(128); }, StatusCode::INVALID_ARGUMENT,
     "SIZE_INCOMPLETE", "job.request.width", "width"},
    {"unknown solver", [](v1::Job& job) { job.mutable_request()->set_solver(static_cast<v1::Solver>(99)); },
     StatusCode::INVALID_ARGUMENT, "UNKNOWN_ENUM_VALUE", "job.request.solver", "99"},
    {"bad label key", [](v1::Job& job) { (*job.mutable_labels())["Key"] = "x"; }, StatusCode::INVALID_ARGUMENT,
     "INVALID_LABEL_KEY", "job.labels", "Key"},
    {"long label", [](v1::Job& job) { (*job.mutable_labels())["key"] = std::string(64, 'x'); },
     StatusCode::INVALID_ARGUMENT, "LABEL_TOO_LONG", "job.labels", "64"},
    {"timeout 0", [](v1::Job& job) { job.mutable_start_timeout(); }, StatusCode::INVALID_ARGUMENT, "INVALID_TIMEOUT",
     "job.start_timeout", "is 0"},
    {"priority", [](v1::Job& job) { job.set_priority(static_cast<v1::Job::Priority>(9)); },
     StatusCode::INVALID_ARGUMENT, "INVALID_PRIORITY", "job.priority", "job.priority is 9; use LOW, NORMAL or HIGH"},
    {"ttl", [](v1::Job& job) { job.mutable_ttl()->set_seconds(-1); }, StatusCode::INVALID_ARGUMENT, "INVALID_TIMEOUT",
     "job.ttl", "job.ttl is -1s"},
    {"webhook by http", [](v1::Job& job) { job.mutable_webhook()->set_uri("http://example.org/done"); },
     StatusCode::INVALID_ARGUMENT, "INVALID_WEBHOOK_URI", "job.webhook.uri", "does not begin with https://"},
    {"webhook into a private network", [](v1::Job& job) { job.mutable_webhook()->set_uri("https://10.0.0.1/done"); },
     StatusCode::INVALID_ARGUMENT, "WEBHOOK_ADDRESS_REFUSED", "job.webhook.uri", "--webhook_allow_private"},
};

TEST_F(RefusalsTest, EveryBadJobIsRefusedWithDetailsAndStoresNothing) {
  for (const BadJob& bad : kBadJobs) {
    SCOPED_TRACE(bad.name);
    v1::Job ask = Ask();
    bad.change(ask);
    v1::Job job;
    const grpc::Status status = Create(ask, job);
    EXPECT_EQ(status.error_code(), bad.code);
    EXPECT_THAT(status.error_message(), HasSubstr(bad.message));
    const Details details = DetailsOf(status);
    EXPECT_EQ(details.info.reason(), bad.reason);
    EXPECT_EQ(details.info.domain(), "ovi.dev");
    if (*bad.field == '\0') continue;
    ASSERT_GE(details.bad_request.field_violations_size(), 1);
    EXPECT_EQ(details.bad_request.field_violations(0).field(), bad.field);
    EXPECT_FALSE(details.bad_request.field_violations(0).description().empty());
  }
  grpc::ClientContext context;
  v1::ListJobsResponse jobs;
  ASSERT_TRUE(stub_->ListJobs(&context, v1::ListJobsRequest(), &jobs).ok());
  EXPECT_EQ(jobs.jobs_size(), 0);
  EXPECT_EQ(engine_.generate_calls(), 0);
}

TEST_F(RefusalsTest, AllViolationsComeAtOnce) {
  v1::Job ask = Ask("");
  ask.mutable_request()->set_steps(0);
  ask.mutable_request()->set_solver(static_cast<v1::Solver>(99));
  (*ask.mutable_labels())["Key"] = "x";
  v1::Job job;
  const Details details = DetailsOf(Create(ask, job));
  std::vector<std::string> fields;
  for (const auto& each : details.bad_request.field_violations()) fields.push_back(each.field());
  EXPECT_THAT(fields, testing::UnorderedElementsAre("job.request.prompt", "job.request.steps", "job.request.solver",
                                                    "job.labels"));
}

TEST_F(RefusalsTest, ManyLongViolationsStillArrive) {
  v1::Job ask = Ask("");
  for (int i = 0; i < 60; ++i)
    (*ask.mutable_labels())["K" + std::to_string(i) + std::string(200, 'x')] = std::string(300, 'y');
  v1::Job job;
  const grpc::Status status = Create(ask, job);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_GT(DetailsOf(status).bad_request.field_violations_size(), 5);
}

// gRPC's own stub for a message: a client that does not check what it sends. 0xff is never part of UTF-8.
TEST_F(RefusalsTest, TextThatIsNotUtf8IsNamed) {
  v1::Job ask = Ask("a \xff ball");
  (*ask.mutable_labels())["key"] = "\xff";
  v1::Job job;
  const grpc::Status status = Create(ask, job);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);
  const Details details = DetailsOf(status);
  ASSERT_EQ(details.bad_request.field_violations_size(), 2);
  EXPECT_EQ(details.bad_request.field_violations(0).field(), "job.request.prompt");
  EXPECT_EQ(details.bad_request.field_violations(0).reason(), "INVALID_UTF8");
  EXPECT_EQ(details.bad_request.field_violations(1).field(), "job.labels.value");
}

TEST_F(RefusalsTest, ARequestIdMustBeAUuid) {
  v1::CreateJobRequest request;
  *request.mutable_job() = Ask();
  request.set_request_id("mine");
  v1::Job job;
  EXPECT_EQ(DetailsOf(Create(request, job)).bad_request.field_violations(0).field(), "request_id");
}

TEST_F(RefusalsTest, NamesMustHaveTheirForm) {
  for (const char* name :
       {"", "jobs/", "jobs/../../x", "k3v9", "jobs/AAAAAAAAAAAAAAAA", "jobs/aaaaaaaaaaaaaaaa/artifact"}) {
    grpc::ClientContext context;
    v1::GetJobRequest request;
    request.set_name(name);
    v1::Job job;
    const grpc::Status status = stub_->GetJob(&context, request, &job);
    EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT) << name;
    EXPECT_EQ(DetailsOf(status).info.reason(), "INVALID_NAME");
  }
  grpc::ClientContext context;
  v1::GetJobRequest request;
  request.set_name("jobs/aaaaaaaaaaaaaaaa");
  v1::Job job;
  EXPECT_EQ(DetailsOf(stub_->GetJob(&context, request, &job)).info.reason(), "JOB_NOT_FOUND");
}

TEST_F(RefusalsTest, AFullQueueSaysWhenToComeBack) {
  engine_.HoldSteps();
  v1::Job job;
  Create();
  engine_.AwaitHeldStep();
  for (int i = 0; i < 20; ++i) Create();
  const grpc::Status status = Create(Ask(), job);
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  const Details details = DetailsOf(status);
  EXPECT_EQ(details.info.reason(), "QUEUE_FULL");
  EXPECT_EQ(details.info.metadata().at("maxQueued"), "20");
  EXPECT_GT(details.retry.retry_delay().seconds(), 0);
}

TEST_F(RefusalsTest, AMessageBeyondTheLimitNamesBothSizes) {
  v1::Job ask = Ask();
  ask.mutable_request()->mutable_first_frame()->set_content(std::string(33 << 20, 'x'));
  v1::Job job;
  const grpc::Status status = Create(ask, job);
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("33554432"));
}

TEST_F(RefusalsTest, AClipBeyondTheMemoryBudgetIsRefusedAtSubmitInGigabytes) {
  engine_.SetMemoryBudget(16'000'000'000);
  Restart(SmallServer());
  v1::Job job;
  const grpc::Status status = Create(Ask(), job);  // 128x128 at 1 MB a pixel
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(DetailsOf(status).info.reason(), "MEMORY_BUDGET_EXCEEDED");
  EXPECT_THAT(status.error_message(), HasSubstr("128x128 for 5.04 s needs 16.4 GB at its peak, models included; the "
                                                "budget leaves 16.0: use "));
  EXPECT_EQ(engine_.generate_calls(), 0);
}

TEST_F(RefusalsTest, AMemoryIntervalHasLimits) {
  grpc::ClientContext context;
  v1::WatchMemoryRequest request;
  request.mutable_interval();
  const auto reader = stub_->WatchMemory(&context, request);
  v1::WatchMemoryResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(DetailsOf(reader->Finish()).info.reason(), "INTERVAL_OUT_OF_RANGE");
}

TEST_F(RefusalsTest, APageSizeIsNotNegative) {
  grpc::ClientContext context;
  v1::ListJobsRequest request;
  request.set_page_size(-1);
  v1::ListJobsResponse response;
  EXPECT_EQ(DetailsOf(stub_->ListJobs(&context, request, &response)).info.reason(), "INVALID_PAGE_SIZE");
}

}  // namespace
}  // namespace ovi
