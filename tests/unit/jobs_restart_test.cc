// What the next server makes of what the last one left: queue and worker over an SQLite file, "restarted" by a second
// rig over the same file. tests/fault/kill_test.py does it to the whole process.
#include <stdlib.h>

#include "base/field_violations.h"
#include "server/stores/sqlite/sqlite_job_store.h"
#include "tests/service/job_rig.h"

namespace ovi {
namespace {

class JobRestartTest : public testing::Test {
 protected:
  JobRestartTest() {
    std::string name = testing::TempDir() + "/ovi-restart-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~JobRestartTest() override { std::filesystem::remove_all(folder_); }

  std::shared_ptr<JobStore> Store() { return *SqliteJobStore::Open(folder_ + "/jobs.db"); }

  // Submits `count` jobs to a server that is gone when this returns.
  std::vector<JobId> SubmitAndLeave(int count) {
    JobRig rig(Store());
    std::vector<JobId> ids;
    for (int i = 0; i < count; ++i) ids.push_back(rig.Submit());
    return ids;
  }
  // A worker takes the next job and dies with it.
  void DieWithAJob() { ASSERT_TRUE((*Store()->Claim(absl::Now())).has_value()); }

  static constexpr int kMaxAttempts = 2;
  std::string folder_;
};

TEST_F(JobRestartTest, QueuedJobsWaitInTheirOldPlacesAndAreMade) {
  const std::vector<JobId> ids = SubmitAndLeave(3);
  JobRig rig(Store());
  ASSERT_TRUE(rig.queue.Restore(kMaxAttempts).ok());
  for (size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(rig.queue.Get(ids[i])->place->jobs_ahead, static_cast<int>(i));
  rig.StartWorker();
  for (const JobId& id : ids) EXPECT_EQ(rig.AwaitEnd(id).state, JobState::kSucceeded);
}

TEST_F(JobRestartTest, AJobThatRanIsMadeAgainAndTheAttemptCounts) {
  const JobId id = SubmitAndLeave(1)[0];
  DieWithAJob();
  JobRig rig(Store());
  ASSERT_TRUE(rig.queue.Restore(kMaxAttempts).ok());
  EXPECT_EQ(rig.queue.Get(id)->job.state, JobState::kQueued);
  rig.StartWorker();
  const Job job = rig.AwaitEnd(id);
  EXPECT_EQ(job.state, JobState::kSucceeded);
  EXPECT_EQ(job.attempts, 2);
}

TEST_F(JobRestartTest, AJobThatEndsTheServerTwiceIsPoisonousAndTheQueueGoesOn) {
  const std::vector<JobId> ids = SubmitAndLeave(2);
  DieWithAJob();
  {
    JobRig rig(Store());
    ASSERT_TRUE(rig.queue.Restore(kMaxAttempts).ok());
  }
  DieWithAJob();
  JobRig rig(Store());
  ASSERT_TRUE(rig.queue.Restore(kMaxAttempts).ok());
  const Job poisonous = rig.queue.Get(ids[0])->job;
  EXPECT_EQ(poisonous.state, JobState::kFailed);
  EXPECT_EQ(ReasonOf(poisonous.error), "JOB_POISONOUS");
  EXPECT_TRUE(poisonous.end_time.has_value());
  rig.StartWorker();
  EXPECT_EQ(rig.AwaitEnd(ids[1]).state, JobState::kSucceeded);
}

TEST_F(JobRestartTest, AJobThatSomebodyCancelledIsNotMadeAgain) {
  const JobId id = SubmitAndLeave(1)[0];
  DieWithAJob();
  ASSERT_TRUE(Store()->RequestCancel(id, absl::Now()).ok());
  JobRig rig(Store());
  ASSERT_TRUE(rig.queue.Restore(kMaxAttempts).ok());
  EXPECT_EQ(rig.queue.Get(id)->job.state, JobState::kCancelled);
}

TEST_F(JobRestartTest, AShutdownPutsTheRunningJobBackWithoutCountingTheAttempt) {
  JobId running, queued;
  {
    JobRig rig(Store());
    rig.engine.RepeatFirstStep();
    rig.StartWorker();
    running = rig.Submit();
    queued = rig.Submit();
    while (rig.queue.Get(running)->job.state != JobState::kRunning) {
    }
    rig.queue.Close();
    rig.running.StopAny(StopReason::kShutdown);
    rig.worker.reset();
    EXPECT_EQ(rig.FilesBelowFolder(), 0u) << "half a clip was left";
    const auto watch = rig.events.Watch(running, 0, [] {});
    bool told = false;
    while (const auto event = watch->Next()) told |= std::holds_alternative<JobRequeued>(event->news);
    EXPECT_TRUE(told);
  }
  const auto store = Store();
  EXPECT_EQ(store->Get(running)->state, JobState::kQueued);
  EXPECT_EQ(store->Get(running)->attempts, 0);
  EXPECT_EQ(store->Queued()->at(0).id, running) << "it keeps its place";
  EXPECT_EQ(store->Queued()->at(1).id, queued);
}

// The clock of each rig stands still, at the same time.
TEST_F(JobRestartTest, NumbersOfEventsGoOnGrowingWhateverTheClockDoes) {
  JobRig before(Store());
  const JobId id = before.Submit();
  int64_t last = before.events.LastNumber(id);
  for (int restart = 0; restart < 3; ++restart) {
    JobRig after(Store());
    ASSERT_TRUE(after.queue.Restore(kMaxAttempts).ok());
    const auto first = after.events.Watch(id, last, [] {})->Next();
    ASSERT_NE(first, nullptr);
    EXPECT_TRUE(std::holds_alternative<JobAccepted>(first->news)) << "a watcher would miss the first";
    last = after.events.LastNumber(id);
  }
}

TEST_F(JobRestartTest, WatchersAreToldThatAJobWaitsAgain) {
  const std::vector<JobId> ids = SubmitAndLeave(2);
  DieWithAJob();
  JobRig rig(Store());
  ASSERT_TRUE(rig.queue.Restore(kMaxAttempts).ok());
  const auto requeued = [&](const JobId& id) {
    const auto watch = rig.events.Watch(id, 0, [] {});
    int count = 0;
    while (const auto event = watch->Next()) count += std::holds_alternative<JobRequeued>(event->news) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(requeued(ids[0]), 1);
  EXPECT_EQ(requeued(ids[1]), 0) << "it had only waited";
}

TEST_F(JobRestartTest, ARepeatedSubmissionAfterTheRestartIsTheSameJob) {
  JobId id;
  {
    JobRig rig(Store());
    id = rig.queue.Submit(rig.Spec(), "id-1")->job.id;
  }
  JobRig rig(Store());
  ASSERT_TRUE(rig.queue.Restore(kMaxAttempts).ok());
  EXPECT_EQ(rig.queue.Submit(rig.Spec(), "id-1")->job.id, id);
  EXPECT_EQ(rig.queue.queued(), 1);
}

// A store that cannot be reached, or whose disk is full, for the next so many writes.
class StoreWithTrouble final : public JobStore {
 public:
  explicit StoreWithTrouble(std::shared_ptr<JobStore> store) : store_(std::move(store)) {}
  std::atomic<int> failing_claims = 0, failing_ends = 0;

  bool lasts() const override { return store_->lasts(); }
  absl::StatusOr<int64_t> NextEra() override { return store_->NextEra(); }
  bool shared() const override { return store_->shared(); }
  const std::string& uid() const override { return store_->uid(); }
  absl::StatusOr<InsertResult> Insert(const Job& job, std::string_view id, const QueueLimits& limits) override {
    return store_->Insert(job, id, limits);
  }
  absl::StatusOr<Job> Get(const JobId& id) const override { return store_->Get(id); }
  absl::StatusOr<JobPage> List(const JobQuery& query) const override { return store_->List(query); }
  absl::StatusOr<std::vector<Job>> Queued() const override { return store_->Queued(); }
  absl::StatusOr<std::vector<Job>> Abandoned() const override { return store_->Abandoned(); }
  absl::StatusOr<std::optional<Job>> Claim(absl::Time now) override {
    if (failing_claims-- > 0) return absl::UnavailableError("the job database failed: disk I/O error");
    return store_->Claim(now);
  }
  absl::StatusOr<Job> Renew(const Job& claimed, const JobProgress& progress) override {
    return store_->Renew(claimed, progress);
  }
  absl::StatusOr<Job> Requeue(const Job& running, Attempt attempt) override {
    return store_->Requeue(running, attempt);
  }
  absl::StatusOr<Job> RequestCancel(const JobId& id, absl::Time now) override { return store_->RequestCancel(id, now); }
  absl::StatusOr<Job> End(const Job& seen, const JobEnd& end) override {
    if (failing_ends-- > 0) return absl::ResourceExhaustedError("the job database failed: database or disk is full");
    return store_->End(seen, end);
  }
  absl::Status Delete(const JobId& id) override { return store_->Delete(id); }
  absl::StatusOr<std::vector<Job>> Expired(absl::Time now, int64_t limit) const override {
    return store_->Expired(now, limit);
  }
  absl::Status ForgetArtifact(const JobId& id, std::optional<absl::Time> expire_time) override {
    return store_->ForgetArtifact(id, expire_time);
  }
  absl::StatusOr<int64_t> ArtifactBytes() const override { return store_->ArtifactBytes(); }
  absl::StatusOr<std::optional<WebhookDelivery>> TakeWebhook(absl::Time now, absl::Time again) override {
    return store_->TakeWebhook(now, again);
  }
  absl::Status SetWebhookTime(const JobId& id, std::optional<absl::Time> next) override {
    return store_->SetWebhookTime(id, next);
  }

 private:
  const std::shared_ptr<JobStore> store_;
};

TEST_F(JobRestartTest, AStoreThatFailsForAWhileLosesNeitherTheWorkerNorTheClip) {
  const auto store = std::make_shared<StoreWithTrouble>(Store());
  store->failing_claims = 1;
  store->failing_ends = 2;
  JobRig rig(store);
  rig.StartWorker();
  const JobId id = rig.Submit();
  EXPECT_EQ(rig.AwaitEnd(id).state, JobState::kSucceeded);
  EXPECT_EQ(rig.engine.generate_calls(), 1);
}

TEST_F(JobRestartTest, AnEndThatCannotBeStoredBeforeTheServerStopsIsMadeAgain) {
  JobId id;
  {
    const auto store = std::make_shared<StoreWithTrouble>(Store());
    store->failing_ends = 1'000'000;
    JobRig rig(store);
    rig.StartWorker();
    id = rig.Submit();
    while (store->failing_ends == 1'000'000) {
    }
    rig.queue.Close();
    EXPECT_TRUE(rig.worker->WaitUntilEnded(absl::Seconds(30)));
    EXPECT_EQ(rig.FilesBelowFolder(), 0u) << "a result that nobody can know of";
  }
  JobRig rig(Store());
  ASSERT_TRUE(rig.queue.Restore(kMaxAttempts).ok());
  rig.StartWorker();
  EXPECT_EQ(rig.AwaitEnd(id).state, JobState::kSucceeded);
}

}  // namespace
}  // namespace ovi
