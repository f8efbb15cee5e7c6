// What every JobStore promises. A store's test names a factory:
//
//   std::unique_ptr<JobStore> MakeMine() { ... }
//   INSTANTIATE_TEST_SUITE_P(Mine, JobStoreTest, testing::Values(&MakeMine));
#pragma once

#include "tests/unit/job_store_claims_conformance.h"
#include "tests/unit/job_store_ended_conformance.h"
#include "tests/unit/job_store_fixture.h"

namespace ovi {

// More than any store reads at once.
TEST_P(JobStoreTest, AFilterFindsWhatLiesFarBack) {
  constexpr int kJobs = 450;
  Insert("first");
  const Job claimed = **store_->Claim(absl::FromUnixSeconds(1500));
  for (int i = 0; i < kJobs; ++i) Insert();
  EXPECT_THAT(Prompts(*ParseJobFilter("state = RUNNING")), testing::ElementsAre("first"));
  EXPECT_THAT(Prompts(*ParseJobFilter("labels.prompt = first")), testing::ElementsAre("first"));
  EXPECT_THAT(Prompts(*ParseJobFilter("state = FAILED")), testing::IsEmpty());
  EXPECT_EQ(Prompts(*ParseJobFilter("state = QUEUED")).size(), 100u);
  JobPage last = *store_->List({.filter = *ParseJobFilter("state = QUEUED"), .principal = {}, .limit = kJobs});
  EXPECT_EQ(last.jobs.size(), static_cast<size_t>(kJobs));
  EXPECT_FALSE(last.more);
  EXPECT_TRUE(store_->List({.filter = {}, .principal = {}, .limit = kJobs})->more);
  const auto of = [&](const char* principal) {
    return store_->List({.filter = *ParseJobFilter("state = RUNNING"), .principal = principal, .limit = 10})
        ->jobs.size();
  };
  EXPECT_EQ(of(claimed.spec.principal.c_str()), 1u);
  EXPECT_EQ(of("somebody else"), 0u);
}

TEST_P(JobStoreTest, ErasGrow) {
  const int64_t first = *store_->NextEra();
  EXPECT_GE(first, 1);
  EXPECT_GT(*store_->NextEra(), first);
}

TEST_P(JobStoreTest, AnInsertedJobIsQueuedAndCanBeRead) {
  const Job job = NewJob("a red ball");
  const auto inserted = store_->Insert(job, "", kNoLimit);
  ASSERT_TRUE(inserted.ok() && inserted->created);
  const auto read = store_->Get(job.id);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->state, JobState::kQueued);
  EXPECT_EQ(read->uid, job.uid);
  EXPECT_EQ(WithoutFirstFrame(*read), WithoutFirstFrame(job));
  EXPECT_EQ(read->spec.labels, job.spec.labels);
  EXPECT_EQ(read->create_time, job.create_time);
}

TEST_P(JobStoreTest, SubmittingTwiceStoresOneJob) {
  const auto first = store_->Insert(NewJob(), "id-1", kNoLimit);
  const auto second = store_->Insert(NewJob(), "id-1", kNoLimit);
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(second->created);
  EXPECT_EQ(second->job.id, first->job.id);
  EXPECT_EQ(store_->Queued()->size(), 1u);
}

TEST_P(JobStoreTest, RequestIdsOfDifferentPrincipalsAreDifferent) {
  Job other = NewJob();
  other.spec.principal = "somebody else";
  const auto first = store_->Insert(NewJob(), "id-1", kNoLimit);
  const auto second = store_->Insert(other, "id-1", kNoLimit);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->created);
  EXPECT_EQ(store_->Get(second->job.id)->spec.principal, "somebody else");
}

TEST_P(JobStoreTest, ARequestIdWithAnotherBodyIsRefusedNamingTheFields) {
  ASSERT_TRUE(store_->Insert(NewJob("one"), "id-1", kNoLimit).ok());
  const absl::Status status = store_->Insert(NewJob("two"), "id-1", kNoLimit).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(status), "REQUEST_ID_REUSED");
  EXPECT_EQ(MetadataOf(status)["differingFields"], "job.request.prompt");
}

TEST_P(JobStoreTest, AFullQueueRefusesNewJobsButNotRepeatedOnes) {
  const auto first = store_->Insert(NewJob(), "id-1", {.jobs = 1});
  const absl::Status full = store_->Insert(NewJob(), "", {.jobs = 1}).status();
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(RetryAfterOf(full).has_value());
  EXPECT_EQ(store_->Insert(NewJob(), "id-1", {.jobs = 1})->job.id, first->job.id);
}

TEST_P(JobStoreTest, AJobWhoseArtifactWouldBeTooMuchIsRefused) {
  const auto insert = [this](int64_t bytes, const QueueLimits& limits) {
    Job job = NewJob();
    job.spec.reserved_bytes = bytes;
    return store_->Insert(job, bytes == 60 ? "id-1" : "", limits);
  };
  const QueueLimits storage{.stored_bytes = 100}, disk{.free_bytes = 100};
  ASSERT_TRUE(insert(60, storage).ok());
  const absl::Status full = insert(41, storage).status();
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(full), "STORAGE_FULL");
  EXPECT_EQ(MetadataOf(full)["reservedBytes"], "60");
  EXPECT_EQ(ReasonOf(insert(41, disk).status()), "STORAGE_FULL");
  EXPECT_TRUE(insert(60, storage).ok()) << "one that is repeated takes no more room";
  Job job = **store_->Claim(absl::Now());
  EXPECT_FALSE(insert(41, storage).ok()) << "a running job will need its room";
  JobEnd end = EndAs(JobState::kSucceeded);
  end.artifact = JobArtifact{{"k.mp4", 30, "abc", "file:///k.mp4"}, {}};
  ASSERT_TRUE(store_->End(job, end).ok());
  EXPECT_TRUE(insert(70, storage).ok()) << "30 are there, and no more expected";
  EXPECT_EQ(MetadataOf(insert(1, storage).status())["artifactBytes"], "30");
  EXPECT_TRUE(insert(30, disk).ok()) << "what is there is not free";
  EXPECT_FALSE(insert(1, disk).ok());
}

TEST_P(JobStoreTest, AStoreHasAMarkOfItsOwn) {
  EXPECT_THAT(store_->uid(), testing::MatchesRegex("[0-9a-f]{16}"));
  EXPECT_NE(store_->uid(), GetParam()()->uid());
}

TEST_P(JobStoreTest, WhoeverLeavesTheQueueMakesRoom) {
  const auto is_full = [&] { return !store_->Insert(NewJob(), "", {.jobs = 2}).ok(); };
  Insert();
  const Job second = Insert();
  ASSERT_TRUE(is_full());
  const Job first = **store_->Claim(absl::Now());
  ASSERT_FALSE(is_full()) << "a running job does not wait";
  ASSERT_TRUE(store_->Requeue(first, Attempt::kCounts).ok());
  ASSERT_TRUE(store_->End(second, EndAs(JobState::kCancelled)).ok());
  ASSERT_TRUE(is_full()) << "the requeued one and the last one";
  const Job again = **store_->Claim(absl::Now());
  ASSERT_EQ(again.id, first.id);
  ASSERT_TRUE(store_->End(again, EndAs(JobState::kSucceeded)).ok());
  EXPECT_FALSE(is_full());
  EXPECT_TRUE(is_full());
}

TEST_P(JobStoreTest, JobsAreClaimedInTheOrderOfSubmission) {
  const Job first = Insert("one"), second = Insert("two");
  const auto queued = store_->Queued();
  ASSERT_EQ(queued->size(), 2u);
  EXPECT_EQ((*queued)[0].id, first.id);
  const absl::Time now = absl::FromUnixSeconds(1500);
  const Job claimed = **store_->Claim(now);
  EXPECT_EQ(claimed.id, first.id);
  EXPECT_EQ(claimed.state, JobState::kRunning);
  EXPECT_EQ(claimed.start_time, now);
  EXPECT_EQ(claimed.attempts, 1);
  EXPECT_EQ(claimed.spec.clip->first_frame, "PNG") << "whoever makes the clip needs its first frame";
  EXPECT_EQ((*store_->Claim(now))->id, second.id);
  EXPECT_FALSE(store_->Claim(now)->has_value());
}

TEST_P(JobStoreTest, ARequeuedJobTakesItsOldPlace) {
  const Job waiting = Insert("one");
  Insert("two");
  EXPECT_EQ(store_->Requeue(waiting, Attempt::kCounts).status().code(), absl::StatusCode::kAborted)
      << "it does not run";
  const Job first = **store_->Claim(absl::Now());
  ASSERT_EQ(first.id, waiting.id);
  const auto requeued = store_->Requeue(first, Attempt::kCounts);
  ASSERT_TRUE(requeued.ok());
  EXPECT_EQ(requeued->state, JobState::kQueued);
  EXPECT_FALSE(requeued->start_time.has_value());
  EXPECT_EQ(store_->Queued()->at(0).id, first.id);
  const Job again = **store_->Claim(absl::Now());
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.attempts, 2);
  EXPECT_EQ(again.spec.clip->first_frame, "PNG");
  EXPECT_EQ(store_->Requeue(again, Attempt::kDoesNotCount)->attempts, 1);
  EXPECT_EQ(store_->Get(first.id)->attempts, 1);
}

TEST_P(JobStoreTest, AnEndIsStoredWithWhatTheJobLeft) {
  const Job job = Claimed();
  JobEnd end = EndAs(JobState::kSucceeded);
  end.artifact = JobArtifact{{"k.mp4", 3, "abc", "file:///k.mp4"}, {}};
  end.memory = {{end.time, {.point = MemoryPoint::kDone, .allocated_bytes = 5}}};
  end.progress.stage = Stage::kFinish;
  ASSERT_TRUE(store_->End(job, end).ok());
  const Job read = *store_->Get(job.id);
  EXPECT_EQ(read.state, JobState::kSucceeded);
  EXPECT_EQ(read.end_time, end.time);
  EXPECT_EQ(read.artifact->file, end.artifact->file);
  EXPECT_EQ(read.progress.stage, Stage::kFinish);
  ASSERT_EQ(read.memory.size(), 1u);
  EXPECT_EQ(read.memory[0].sample.allocated_bytes, 5);
  EXPECT_EQ(read.spec.clip->first_frame, "") << "an ended job keeps megabytes nobody reads";
}

TEST_P(JobStoreTest, AJobEndsOnce) {
  const Job job = Insert();
  ASSERT_TRUE(store_->End(job, EndAs(JobState::kCancelled)).ok());
  EXPECT_EQ(store_->End(job, EndAs(JobState::kExpired)).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(store_->Get(job.id)->state, JobState::kCancelled);
  EXPECT_FALSE(store_->Claim(absl::Now())->has_value()) << "a cancelled job was taken";
}

TEST_P(JobStoreTest, OfRacingEndsExactlyOneWins) {
  for (int round = 0; round < 50; ++round) {
    const Job job = Claimed();
    std::vector<absl::StatusOr<Job>> ends(3, absl::UnknownError("not run"));
    const JobState states[] = {JobState::kSucceeded, JobState::kCancelled, JobState::kFailed};
    std::vector<std::thread> threads;
    for (size_t i = 0; i < ends.size(); ++i) {
      threads.emplace_back([&, i] { ends[i] = store_->End(job, EndAs(states[i])); });
    }
    for (std::thread& thread : threads) thread.join();
    int won = 0;
    for (size_t i = 0; i < ends.size(); ++i) {
      if (!ends[i].ok()) continue;
      ++won;
      EXPECT_EQ(store_->Get(job.id)->state, states[i]);
    }
    ASSERT_EQ(won, 1);
  }
}

TEST_P(JobStoreTest, ACancelRequestKeepsItsFirstTimeAndNeedsALivingJob) {
  const Job job = Insert();
  EXPECT_EQ(store_->RequestCancel(job.id, absl::FromUnixSeconds(1))->cancel_request_time, absl::FromUnixSeconds(1));
  EXPECT_EQ(store_->RequestCancel(job.id, absl::FromUnixSeconds(2))->cancel_request_time, absl::FromUnixSeconds(1));
  ASSERT_TRUE(store_->End(job, EndAs(JobState::kFailed)).ok());
  const absl::Status ended = store_->RequestCancel(job.id, absl::Now()).status();
  EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(ended), "JOB_HAS_ENDED");
}

TEST_P(JobStoreTest, OnlyAnEndedJobIsDeletedAndItsRequestIdWithIt) {
  const Job job = store_->Insert(NewJob("one"), "id-1", kNoLimit)->job;
  EXPECT_EQ(store_->Delete(job.id).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(store_->End(job, EndAs(JobState::kCancelled)).ok());
  EXPECT_TRUE(store_->Delete(job.id).ok());
  EXPECT_EQ(store_->Get(job.id).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Delete(job.id).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(store_->Insert(NewJob("two"), "id-1", kNoLimit)->created);
}

TEST_P(JobStoreTest, ListingsAreNewestFirstInPagesWithoutGapOrRepeat) {
  for (int i = 0; i < 5; ++i) Insert(std::to_string(i));
  std::vector<std::string> seen;
  int64_t before = std::numeric_limits<int64_t>::max();
  bool more = true;
  while (more) {
    const JobPage page = *store_->List({.filter = {}, .principal = {}, .limit = 2, .before = before});
    for (const Job& job : page.jobs) seen.push_back(job.spec.clip->prompt);
    before = page.jobs.back().sequence;
    more = page.more;
    Insert("newer than the first page");  // must not push anything into a later page
  }
  EXPECT_THAT(seen, testing::ElementsAre("4", "3", "2", "1", "0"));
}

TEST_P(JobStoreTest, ListingsFilterByStateAndLabel) {
  const Job one = Insert("one");
  Insert("two");
  Insert("three");
  ASSERT_TRUE(store_->End(one, EndAs(JobState::kCancelled)).ok());
  EXPECT_THAT(Prompts(*ParseJobFilter("state = CANCELLED")), testing::ElementsAre("one"));
  EXPECT_THAT(Prompts(*ParseJobFilter("state != CANCELLED AND labels.prompt = two")), testing::ElementsAre("two"));
  EXPECT_THAT(Prompts(*ParseJobFilter("labels.prompt = one OR labels.prompt = \"three\"")),
              testing::ElementsAre("three", "one"));
  EXPECT_THAT(Prompts(*ParseJobFilter("labels.album:*")), testing::IsEmpty());
  EXPECT_THAT(Prompts(*ParseJobFilter("labels.prompt:* AND (state = CANCELLED OR labels.prompt = two)")),
              testing::ElementsAre("two", "one"));
}

TEST_P(JobStoreTest, AnUnknownJobIsNotFoundByEveryCall) {
  const Job job = NewJob();
  const JobId id = job.id;
  EXPECT_EQ(store_->Get(id).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->RequestCancel(id, absl::Now()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->End(job, EndAs(JobState::kFailed)).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Requeue(job, Attempt::kCounts).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Renew(job, {}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->ForgetArtifact(id, std::nullopt).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->SetWebhookTime(id, std::nullopt).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Delete(id).code(), absl::StatusCode::kNotFound);
}

}  // namespace ovi
