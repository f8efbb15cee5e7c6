#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "base/field_violations.h"
#include "server/jobs/job_queue.h"
#include "tests/service/job_rig.h"

namespace ovi {
namespace {

using testing::ElementsAre;

TEST(JobQueueTest, AJobBecomesAnArtifact) {
  JobRig rig;
  rig.StartWorker();
  const Job job = rig.AwaitEnd(rig.Submit());
  EXPECT_EQ(job.state, JobState::kSucceeded);
  EXPECT_EQ(job.attempts, 1);
  ASSERT_TRUE(job.artifact.has_value());
  const auto reader = rig.artifacts->Open(job.artifact->file.key);
  EXPECT_EQ(*(*reader)->Read(0, 5000), FakeEngine::OutputFor(job.spec.clip->seed, 1000));
  EXPECT_EQ(rig.FilesBelowFolder(), 1u);
}

TEST(JobQueueTest, EventsTellTheWholeStoryInOrder) {
  JobRig rig;
  rig.StartWorker();
  const std::vector<JobEvent> events = rig.AwaitEvents(rig.Submit(rig.Spec(2)));
  std::vector<size_t> kinds;
  for (const JobEvent& event : events) kinds.push_back(event.news.index());
  const auto kind = [](const JobNews& news) { return news.index(); };
  const size_t stage = kind(Stage::kDiffusion), memory = kind(MemoryReading()), step = kind(StepEvent());
  EXPECT_THAT(kinds, ElementsAre(kind(JobAccepted()), kind(QueuePlace()), kind(JobStarted()), memory, stage, memory,
                                 stage, step, step, memory, stage, memory, stage, kind(DecodeEvent()), memory, stage,
                                 memory, kind(JobOutcome())));
}

TEST(JobQueueTest, PlacesCountTheRunningJobAndAllBefore) {
  JobRig rig;
  rig.engine.HoldSteps();
  rig.StartWorker();
  const JobId running = rig.Submit();
  rig.engine.AwaitHeldStep();
  const JobId second = rig.Submit(), third = rig.Submit();
  EXPECT_FALSE(rig.queue.Get(running)->place.has_value());
  EXPECT_EQ(rig.queue.Get(second)->place->jobs_ahead, 1);
  const QueuePlace place = *rig.queue.Get(third)->place;
  EXPECT_EQ(place.jobs_ahead, 2);
  EXPECT_TRUE(place.until_start.first_guess);
  ASSERT_TRUE(rig.queue.Cancel(second).ok());
  EXPECT_EQ(rig.queue.Get(third)->place->jobs_ahead, 1);
}

TEST(JobQueueTest, EstimatesComeFromMeasuredSteps) {
  JobRig rig;
  rig.StartWorker();
  rig.AwaitEnd(rig.Submit(rig.Spec(4)));  // the fake reports 0.5 s a step, and its clock stands still
  rig.engine.HoldSteps();
  const JobId running = rig.Submit(rig.Spec(10));
  rig.engine.AwaitHeldStep();
  const JobId next = rig.Submit(rig.Spec(20));
  const QueuePlace place = *rig.queue.Get(next)->place;
  EXPECT_EQ(place.until_start, (Estimate{absl::Seconds(5), false}));
  EXPECT_EQ(place.until_end, (Estimate{absl::Seconds(15), false}));
  EXPECT_EQ(rig.queue.Get(running)->job.state, JobState::kRunning);
}

TEST(JobQueueTest, ACancelledQueuedJobNeverReachesTheEngine) {
  JobRig rig;
  rig.engine.HoldSteps();
  rig.StartWorker();
  const JobId running = rig.Submit();
  rig.engine.AwaitHeldStep();
  const JobId queued = rig.Submit();
  EXPECT_EQ(rig.queue.Cancel(queued)->job.state, JobState::kCancelled);
  rig.engine.ReleaseSteps();
  EXPECT_EQ(rig.AwaitEnd(running).state, JobState::kSucceeded);
  EXPECT_EQ(rig.engine.generate_calls(), 1);
}

TEST(JobQueueTest, ACancelledRunningJobStopsBeforeItsNextStepAndLeavesNoFile) {
  JobRig rig;
  rig.engine.HoldSteps();
  rig.StartWorker();
  const JobId id = rig.Submit();
  rig.engine.AwaitHeldStep();
  const JobView cancelled = *rig.queue.Cancel(id);
  EXPECT_EQ(cancelled.job.state, JobState::kRunning);
  EXPECT_TRUE(cancelled.job.cancel_request_time.has_value());
  rig.engine.LetThrough(1);
  const Job job = rig.AwaitEnd(id);
  EXPECT_EQ(job.state, JobState::kCancelled);
  EXPECT_EQ(ReasonOf(job.error), "JOB_CANCELLED");
  EXPECT_FALSE(job.progress.step.has_value()) << "it made a step after it was cancelled";
  EXPECT_EQ(rig.FilesBelowFolder(), 0u);
}

TEST(JobQueueTest, CancellingTwiceIsCancellingOnce) {
  JobRig rig;
  const JobId id = rig.Submit();
  ASSERT_TRUE(rig.queue.Cancel(id).ok());
  EXPECT_EQ(rig.queue.Cancel(id)->job.state, JobState::kCancelled);
  EXPECT_THAT(rig.AwaitEvents(id), testing::SizeIs(3));  // accepted, queued, outcome
}

TEST(JobQueueTest, AnEndedJobCannotBeCancelled) {
  JobRig rig;
  rig.StartWorker();
  const JobId id = rig.Submit();
  rig.AwaitEnd(id);
  EXPECT_EQ(rig.queue.Cancel(id).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(JobQueueTest, AnEngineErrorFailsTheJobAndTheNextOneRuns) {
  JobRig rig;
  rig.engine.FailNextWith(absl::ResourceExhaustedError("the device ran out of memory; ask for a smaller clip"));
  rig.StartWorker();
  const JobId first = rig.Submit(), second = rig.Submit();
  const Job failed = rig.AwaitEnd(first);
  EXPECT_EQ(failed.state, JobState::kFailed);
  EXPECT_EQ(failed.error.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(failed.progress.step->progress.step, 1);
  EXPECT_EQ(rig.AwaitEnd(second).state, JobState::kSucceeded);
  EXPECT_EQ(rig.FilesBelowFolder(), 1u);
}

TEST(JobQueueTest, AQueuedJobExpiresWhileAnotherRuns) {
  JobRig rig;
  rig.engine.HoldSteps();
  rig.StartWorker();
  const JobId running = rig.Submit();
  rig.engine.AwaitHeldStep();
  JobSpec spec = rig.Spec();
  spec.start_timeout = absl::Minutes(1);
  const JobId queued = rig.Submit(spec);
  rig.clock.Advance(absl::Minutes(1));
  rig.engine.LetThrough(1);
  EXPECT_EQ(rig.AwaitEnd(queued).state, JobState::kExpired);
  EXPECT_EQ(rig.queue.Get(running)->job.state, JobState::kRunning);
}

TEST(JobQueueTest, ARunningJobStopsAtItsDeadline) {
  JobRig rig;
  rig.engine.HoldSteps();
  rig.StartWorker();
  JobSpec spec = rig.Spec();
  spec.finish_timeout = absl::Minutes(1);
  const JobId id = rig.Submit(spec);
  rig.engine.AwaitHeldStep();
  rig.clock.Advance(absl::Minutes(1));
  rig.engine.LetThrough(1);
  const Job job = rig.AwaitEnd(id);
  EXPECT_EQ(job.state, JobState::kExpired);
  EXPECT_EQ(job.error.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST(JobQueueTest, DeleteRemovesRecordEventsAndBytes) {
  JobRig rig;
  rig.StartWorker();
  const JobId id = rig.Submit();
  rig.AwaitEnd(id);
  ASSERT_TRUE(rig.queue.Delete(id).ok());
  EXPECT_EQ(rig.FilesBelowFolder(), 0u);
  EXPECT_EQ(rig.queue.Get(id).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(rig.events.LastNumber(id), 0);
}

TEST(JobQueueTest, ClosingTellsTheWaitingLetsTheRunningFinishAndRefusesTheNew) {
  JobRig rig;
  rig.engine.HoldSteps();
  rig.StartWorker();
  const JobId running = rig.Submit();
  rig.engine.AwaitHeldStep();
  const JobId queued = rig.Submit();
  rig.queue.Close();
  EXPECT_EQ(ReasonOf(rig.AwaitEnd(queued).error), "SERVER_STOPPED");
  EXPECT_EQ(rig.queue.Submit(rig.Spec(), "").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(rig.worker->WaitUntilEnded(absl::ZeroDuration()));
  rig.engine.ReleaseSteps();
  EXPECT_EQ(rig.AwaitEnd(running).state, JobState::kSucceeded);
  EXPECT_TRUE(rig.worker->WaitUntilEnded(absl::Minutes(1)));
}

TEST(JobQueueTest, CancelFinishAndFailRacingEachOtherEndInOneState) {
  JobRig rig;
  rig.StartWorker();
  for (int round = 0; round < 50; ++round) {
    if (round % 3 == 0) rig.engine.FailNextWith(absl::InternalError("broke"));
    const JobId id = rig.Submit();
    std::thread canceller([&] { rig.queue.Cancel(id).IgnoreError(); });
    const Job told = rig.AwaitEnd(id);
    canceller.join();
    EXPECT_EQ(rig.queue.Get(id)->job.state, told.state);
  }
}

TEST(JobQueueTest, AResultThatCannotBeWrittenFailsTheJob) {
  JobRig rig;
  rig.StartWorker();
  std::filesystem::remove_all(rig.folder);
  const Job job = rig.AwaitEnd(rig.Submit());
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_FALSE(job.error.message().empty());
}

}  // namespace
}  // namespace ovi
