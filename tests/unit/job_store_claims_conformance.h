// Whose turn it is, and who has a job: the part of job_store_conformance.h about the queue's order and claims.
#pragma once

#include "tests/unit/job_store_fixture.h"

namespace ovi {

TEST_P(JobStoreTest, PriorityGoesFirstButPassesOnlySoMany) {
  const auto insert = [this](const std::string& prompt, JobPriority priority) {
    Job job = NewJob(prompt);
    job.spec.priority = priority;
    return store_->Insert(job, "", kNoLimit)->job;
  };
  insert("low", JobPriority::kLow);
  insert("oldest", JobPriority::kNormal);
  for (int64_t i = 0; i < kPriorityHeadStart - 1; ++i) insert("normal", JobPriority::kNormal);
  EXPECT_EQ(insert("high", JobPriority::kHigh).spec.priority, JobPriority::kHigh);
  const auto queued = store_->Queued();
  EXPECT_EQ(queued->at(0).spec.clip->prompt, "oldest") << "a hundred came after it, the high one among them";
  EXPECT_EQ(queued->at(1).spec.clip->prompt, "high");
  EXPECT_EQ(queued->back().spec.clip->prompt, "normal") << "low is passed by a hundred and no more";
  std::vector<JobId> in_queue, claimed;
  for (const Job& job : *queued) in_queue.push_back(job.id);
  while (const auto job = *store_->Claim(absl::Now())) claimed.push_back(job->id);
  EXPECT_EQ(claimed, in_queue) << "Queued tells the order in which Claim takes";
}

TEST_P(JobStoreTest, APrincipalMayHaveALimitOfItsOwn) {
  const auto insert = [this](const std::string& principal) {
    Job job = NewJob();
    job.spec.principal = principal;
    return store_->Insert(job, "", {.jobs = 10, .jobs_per_principal = 1}).status();
  };
  EXPECT_TRUE(insert("ada").ok());
  const absl::Status full = insert("ada");
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(full), "QUEUE_FULL_FOR_PRINCIPAL");
  EXPECT_TRUE(RetryAfterOf(full).has_value());
  EXPECT_TRUE(insert("bob").ok());
  ASSERT_TRUE((*store_->Claim(absl::Now())).has_value());
  EXPECT_TRUE(insert("ada").ok()) << "what runs does not wait";
}

TEST_P(JobStoreTest, ListingsMayBeOfOnePrincipal) {
  Job job = NewJob("ada's");
  job.spec.principal = "ada";
  ASSERT_TRUE(store_->Insert(job, "", kNoLimit).ok());
  Insert("nobody's");
  const auto jobs = store_->List({.filter = {}, .principal = "ada", .limit = 10});
  ASSERT_EQ(jobs->jobs.size(), 1u);
  EXPECT_EQ(jobs->jobs[0].spec.clip->prompt, "ada's");
}

TEST_P(JobStoreTest, ARenewalTellsHowFarTheJobIsAndWhetherSomebodyWantsItsEnd) {
  const Job job = Claimed();
  JobProgress progress{
      .stage = Stage::kDiffusion, .step = StepEvent{{3, 50, 0.5}, {absl::Seconds(20), false}}, .decode = {}};
  EXPECT_FALSE(store_->Renew(job, progress)->cancel_request_time.has_value());
  EXPECT_EQ(store_->Get(job.id)->progress.stage, Stage::kDiffusion);
  EXPECT_EQ(store_->Get(job.id)->progress.step->progress.step, 3);
  ASSERT_TRUE(store_->RequestCancel(job.id, absl::FromUnixSeconds(7)).ok());
  EXPECT_EQ(store_->Renew(job, progress)->cancel_request_time, absl::FromUnixSeconds(7));
}

TEST_P(JobStoreTest, WhoLostItsClaimCanNeitherRenewNorRequeueNorEnd) {
  const Job first = Claimed();
  ASSERT_TRUE(store_->Requeue(first, Attempt::kCounts).ok());
  const Job second = **store_->Claim(absl::Now());
  ASSERT_EQ(second.id, first.id);
  EXPECT_GT(second.claim, first.claim);
  EXPECT_EQ(store_->Renew(first, {}).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(store_->Requeue(first, Attempt::kCounts).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(store_->End(first, EndAs(JobState::kSucceeded)).status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(store_->Renew(second, {}).ok());
  EXPECT_TRUE(store_->End(second, EndAs(JobState::kSucceeded)).ok());
}

}  // namespace ovi
