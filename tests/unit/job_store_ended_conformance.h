// What becomes of a job after its end: the part of job_store_conformance.h that janitor and webhooks rely on.
#pragma once

#include "tests/unit/job_store_fixture.h"

namespace ovi {

TEST_P(JobStoreTest, JobsExpireAtTheirTimeTheEarliestFirst) {
  const auto end_with_expiry = [](int64_t seconds) {
    JobEnd end = EndAs(JobState::kFailed);
    end.expire_time = absl::FromUnixSeconds(seconds);
    return end;
  };
  Ended(NewJob("late"), end_with_expiry(30));
  const Job early = Ended(NewJob("early"), end_with_expiry(10));
  Ended(NewJob("for ever"), EndAs(JobState::kFailed));
  EXPECT_EQ(store_->Get(early.id)->expire_time, absl::FromUnixSeconds(10));
  EXPECT_TRUE(store_->Expired(absl::FromUnixSeconds(9), 10)->empty());
  EXPECT_EQ(store_->Expired(absl::FromUnixSeconds(10), 10)->size(), 1u);
  const auto all = store_->Expired(absl::FromUnixSeconds(100), 10);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ(all->at(0).id, early.id);
  EXPECT_EQ(store_->Expired(absl::FromUnixSeconds(100), 1)->size(), 1u);
}

TEST_P(JobStoreTest, TheBytesOfArtifactsAreCountedUntilTheyAreForgotten) {
  JobEnd end = EndAs(JobState::kSucceeded);
  end.artifact = JobArtifact{{"k.mp4", 300, "abc", "file:///k.mp4"}, {}};
  const Job one = Ended(NewJob("one"), end);
  end.artifact->file.size_bytes = 50;
  const Job two = Ended(NewJob("two"), end);
  EXPECT_EQ(*store_->ArtifactBytes(), 350);
  ASSERT_TRUE(store_->ForgetArtifact(one.id, absl::FromUnixSeconds(70)).ok());
  EXPECT_EQ(store_->Get(one.id)->expire_time, absl::FromUnixSeconds(70));
  EXPECT_EQ(store_->Expired(absl::FromUnixSeconds(69), 10)->size(), 0u);
  EXPECT_EQ(store_->Expired(absl::FromUnixSeconds(70), 10)->size(), 1u);
  EXPECT_FALSE(store_->Get(one.id)->artifact.has_value());
  EXPECT_EQ(store_->Get(one.id)->state, JobState::kSucceeded);
  EXPECT_EQ(*store_->ArtifactBytes(), 50);
  ASSERT_TRUE(store_->Delete(two.id).ok());
  EXPECT_EQ(*store_->ArtifactBytes(), 0);
}

TEST_P(JobStoreTest, OnlyAnEndedJobsArtifactIsForgotten) {
  EXPECT_EQ(store_->ForgetArtifact(Insert().id, std::nullopt).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(JobStoreTest, ARecordKnowsWhetherItHasARequestId) {
  Job job = NewJob();
  job.spec.has_request_id = true;
  ASSERT_TRUE(store_->Insert(job, "id-1", kNoLimit).ok());
  EXPECT_TRUE(store_->Get(job.id)->spec.has_request_id);
  EXPECT_FALSE(store_->Get(Insert().id)->spec.has_request_id);
}

TEST_P(JobStoreTest, AWebhookIsDueOnceTheJobHasEndedAndTakenByOneAtATime) {
  Job job = NewJob();
  job.spec.webhook = Webhook{"https://example.com/done", "secret"};
  const absl::Time end = EndAs(JobState::kFailed).time, later = end + absl::Seconds(60);
  const Job inserted = store_->Insert(job, "", kNoLimit)->job;
  EXPECT_FALSE(store_->TakeWebhook(later, later)->has_value()) << "it has not ended";
  ASSERT_TRUE(store_->End(inserted, EndAs(JobState::kFailed)).ok());
  Ended(NewJob("without one"), EndAs(JobState::kFailed));
  const auto taken = *store_->TakeWebhook(end, later);
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->job.id, job.id);
  EXPECT_EQ(taken->job.spec.webhook, job.spec.webhook);
  EXPECT_EQ(taken->attempt, 1);
  EXPECT_FALSE(store_->TakeWebhook(end, later)->has_value()) << "somebody tells it";
  EXPECT_EQ((*store_->TakeWebhook(later, later + absl::Seconds(1)))->attempt, 2) << "who took it did not come back";
  ASSERT_TRUE(store_->SetWebhookTime(job.id, end).ok());
  EXPECT_EQ((*store_->TakeWebhook(end, later))->attempt, 3);
  ASSERT_TRUE(store_->SetWebhookTime(job.id, std::nullopt).ok());
  EXPECT_FALSE(store_->TakeWebhook(later + absl::Hours(1000), later)->has_value()) << "told for good";
}

}  // namespace ovi
