// What every JobStore promises. A store's test names a factory:
//
//   std::unique_ptr<JobStore> MakeMine() { ... }
//   INSTANTIATE_TEST_SUITE_P(Mine, JobStoreTest, testing::Values(&MakeMine));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/field_violations.h"
#include "server/jobs/job_store.h"
#include "server/jobs/status_details.h"

namespace ovi {

using JobStoreFactory = std::unique_ptr<JobStore> (*)();

class JobStoreTest : public testing::TestWithParam<JobStoreFactory> {
 protected:
  static constexpr int64_t kNoLimit = 1000;
  static constexpr int64_t kNewest = std::numeric_limits<int64_t>::max();

  static Job NewJob(const std::string& prompt = "a ball") {
    Job job;
    job.id = JobId::Random();
    job.uid = RandomUuid();
    job.create_time = absl::FromUnixSeconds(1000);
    ClipSpec clip;
    clip.prompt = prompt;
    clip.first_frame = "PNG";
    job.spec.clip = std::make_shared<ClipSpec>(clip);
    job.spec.body = {{"job.request.prompt", prompt}};
    job.spec.labels = {{"prompt", prompt}};
    return job;
  }
  static ClipSpec WithoutFirstFrame(const Job& job) {
    ClipSpec clip = *job.spec.clip;
    clip.first_frame.clear();
    return clip;
  }
  Job Insert(const std::string& prompt = "a ball") { return store_->Insert(NewJob(prompt), "", kNoLimit)->job; }
  static JobEnd EndAs(JobState state) {
    JobEnd end;
    end.state = state;
    end.time = absl::FromUnixSeconds(2000);
    end.error = state == JobState::kSucceeded ? absl::OkStatus() : absl::InternalError("broke");
    return end;
  }
  std::vector<std::string> Prompts(const JobFilter& filter) {
    std::vector<std::string> prompts;
    const JobPage page = *store_->List(filter, 100, kNewest);
    for (const Job& job : page.jobs) prompts.push_back(job.spec.clip->prompt);
    return prompts;
  }

  const std::unique_ptr<JobStore> store_ = GetParam()();
};

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
  const auto first = store_->Insert(NewJob(), "id-1", 1);
  const absl::Status full = store_->Insert(NewJob(), "", 1).status();
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(RetryAfterOf(full).has_value());
  EXPECT_EQ(store_->Insert(NewJob(), "id-1", 1)->job.id, first->job.id);
}

TEST_P(JobStoreTest, WhoeverLeavesTheQueueMakesRoom) {
  const auto is_full = [&] { return !store_->Insert(NewJob(), "", 2).ok(); };
  const Job first = Insert();
  const Job second = Insert();
  ASSERT_TRUE(is_full());
  ASSERT_TRUE((*store_->Claim(absl::Now())).has_value());
  ASSERT_FALSE(is_full()) << "a running job does not wait";
  ASSERT_TRUE(store_->Requeue(first.id, Attempt::kCounts).ok());
  ASSERT_TRUE(store_->End(second.id, JobState::kQueued, EndAs(JobState::kCancelled)).ok());
  ASSERT_TRUE(is_full()) << "the requeued one and the last one";
  ASSERT_EQ((*store_->Claim(absl::Now()))->id, first.id);
  ASSERT_TRUE(store_->End(first.id, JobState::kRunning, EndAs(JobState::kSucceeded)).ok());
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
  const Job first = Insert("one");
  Insert("two");
  EXPECT_EQ(store_->Requeue(first.id, Attempt::kCounts).status().code(), absl::StatusCode::kAborted)
      << "it does not run";
  ASSERT_EQ((*store_->Claim(absl::Now()))->id, first.id);
  EXPECT_EQ(store_->Running()->at(0).id, first.id);
  const auto requeued = store_->Requeue(first.id, Attempt::kCounts);
  ASSERT_TRUE(requeued.ok());
  EXPECT_EQ(requeued->state, JobState::kQueued);
  EXPECT_FALSE(requeued->start_time.has_value());
  EXPECT_TRUE(store_->Running()->empty());
  EXPECT_EQ(store_->Queued()->at(0).id, first.id);
  const Job again = **store_->Claim(absl::Now());
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.attempts, 2);
  EXPECT_EQ(again.spec.clip->first_frame, "PNG");
  EXPECT_EQ(store_->Requeue(first.id, Attempt::kDoesNotCount)->attempts, 1);
  EXPECT_EQ(store_->Get(first.id)->attempts, 1);
}

TEST_P(JobStoreTest, AnEndIsStoredWithWhatTheJobLeft) {
  const Job job = Insert();
  ASSERT_TRUE((*store_->Claim(absl::Now())).has_value());
  JobEnd end = EndAs(JobState::kSucceeded);
  end.artifact = JobArtifact{{"k.mp4", 3, "abc", "file:///k.mp4"}, {}};
  end.memory = {{end.time, {.point = MemoryPoint::kDone, .allocated_bytes = 5}}};
  end.progress.stage = Stage::kFinish;
  ASSERT_TRUE(store_->End(job.id, JobState::kRunning, end).ok());
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
  ASSERT_TRUE(store_->End(job.id, JobState::kQueued, EndAs(JobState::kCancelled)).ok());
  EXPECT_EQ(store_->End(job.id, JobState::kQueued, EndAs(JobState::kExpired)).status().code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(store_->End(job.id, JobState::kRunning, EndAs(JobState::kFailed)).status().code(),
            absl::StatusCode::kAborted);
  EXPECT_EQ(store_->Get(job.id)->state, JobState::kCancelled);
  EXPECT_FALSE(store_->Claim(absl::Now())->has_value()) << "a cancelled job was taken";
}

TEST_P(JobStoreTest, OfRacingEndsExactlyOneWins) {
  for (int round = 0; round < 50; ++round) {
    const Job job = Insert();
    ASSERT_TRUE((*store_->Claim(absl::Now())).has_value());
    std::vector<absl::StatusOr<Job>> ends(3, absl::UnknownError("not run"));
    const JobState states[] = {JobState::kSucceeded, JobState::kCancelled, JobState::kFailed};
    std::vector<std::thread> threads;
    for (size_t i = 0; i < ends.size(); ++i) {
      threads.emplace_back([&, i] { ends[i] = store_->End(job.id, JobState::kRunning, EndAs(states[i])); });
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
  ASSERT_TRUE(store_->End(job.id, JobState::kQueued, EndAs(JobState::kFailed)).ok());
  const absl::Status ended = store_->RequestCancel(job.id, absl::Now()).status();
  EXPECT_EQ(ended.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(ended), "JOB_HAS_ENDED");
}

TEST_P(JobStoreTest, OnlyAnEndedJobIsDeletedAndItsRequestIdWithIt) {
  const Job job = store_->Insert(NewJob("one"), "id-1", kNoLimit)->job;
  EXPECT_EQ(store_->Delete(job.id).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(store_->End(job.id, JobState::kQueued, EndAs(JobState::kCancelled)).ok());
  EXPECT_TRUE(store_->Delete(job.id).ok());
  EXPECT_EQ(store_->Get(job.id).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Delete(job.id).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(store_->Insert(NewJob("two"), "id-1", kNoLimit)->created);
}

TEST_P(JobStoreTest, ListingsAreNewestFirstInPagesWithoutGapOrRepeat) {
  for (int i = 0; i < 5; ++i) Insert(std::to_string(i));
  std::vector<std::string> seen;
  int64_t before = kNewest;
  bool more = true;
  while (more) {
    const JobPage page = *store_->List({}, 2, before);
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
  ASSERT_TRUE(store_->End(one.id, JobState::kQueued, EndAs(JobState::kCancelled)).ok());
  EXPECT_THAT(Prompts(*ParseJobFilter("state = CANCELLED")), testing::ElementsAre("one"));
  EXPECT_THAT(Prompts(*ParseJobFilter("state != CANCELLED AND labels.prompt = two")), testing::ElementsAre("two"));
  EXPECT_THAT(Prompts(*ParseJobFilter("labels.prompt = one OR labels.prompt = \"three\"")),
              testing::ElementsAre("three", "one"));
  EXPECT_THAT(Prompts(*ParseJobFilter("labels.album:*")), testing::IsEmpty());
  EXPECT_THAT(Prompts(*ParseJobFilter("labels.prompt:* AND (state = CANCELLED OR labels.prompt = two)")),
              testing::ElementsAre("two", "one"));
}

TEST_P(JobStoreTest, AnUnknownJobIsNotFoundByEveryCall) {
  const JobId id = JobId::Random();
  EXPECT_EQ(store_->Get(id).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->RequestCancel(id, absl::Now()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->End(id, JobState::kQueued, EndAs(JobState::kFailed)).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Requeue(id, Attempt::kCounts).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Delete(id).code(), absl::StatusCode::kNotFound);
}

}  // namespace ovi
