// What becomes of records and results: expiry, and what crashes leave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "server/jobs/artifact_name.h"
#include "server/lifecycle/expiry.h"
#include "server/lifecycle/orphans.h"
#include "tests/service/job_rig.h"

namespace ovi {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LifecycleTest : public testing::Test {
 protected:
  // Files have the real time.
  LifecycleTest() {
    rig_.clock.Advance(absl::Now() - absl::UnixEpoch());
    rig_.StartWorker();
  }
  JobSpec SpecFor(absl::Duration ttl) const {
    JobSpec spec = rig_.Spec(1);
    spec.ttl = ttl;
    return spec;
  }
  absl::Status Expire() { return DeleteExpired(parts_, nullptr); }
  bool Exists(const JobId& id) { return rig_.store.Get(id).ok(); }
  // A whole artifact of this key, older than the time in which it could be somebody's.
  void Leave(const std::string& key, absl::Duration age = absl::Hours(2)) {
    auto pending = *rig_.artifacts->Begin(key, "video/mp4");
    std::ofstream(pending->path()) << "left";
    ASSERT_TRUE(pending->Commit(nullptr).ok());
    fs::last_write_time(rig_.folder + "/" + key, fs::file_time_type::clock::now() - absl::ToChronoNanoseconds(age));
  }
  bool IsThere(const std::string& key) { return rig_.artifacts->Open(key).ok(); }
  std::string KeyFor(const JobId& id, int claim = 1) {
    return absl::StrFormat("%s-%s-%d.mp4", id.value(), rig_.store.uid(), claim);
  }

  JobRig rig_;
  const LifecycleParts parts_{rig_.clock, rig_.store, *rig_.artifacts, rig_.events};
  Orphans orphans_{parts_};
};

TEST_F(LifecycleTest, RecordAndResultGoWhenTheTimeSinceTheEndIsOver) {
  const Job job = rig_.AwaitEnd(rig_.Submit(SpecFor(absl::Hours(1))));
  EXPECT_EQ(job.expire_time, *job.end_time + absl::Hours(1));
  const Job kept = rig_.AwaitEnd(rig_.Submit());
  EXPECT_FALSE(kept.expire_time.has_value());
  rig_.clock.Advance(absl::Hours(1) - absl::Seconds(1));
  ASSERT_TRUE(Expire().ok());
  EXPECT_TRUE(Exists(job.id));
  rig_.clock.Advance(absl::Seconds(1));
  ASSERT_TRUE(Expire().ok());
  EXPECT_FALSE(Exists(job.id));
  EXPECT_FALSE(IsThere(job.artifact->file.key));
  EXPECT_EQ(rig_.events.LastNumber(job.id), 0);
  EXPECT_TRUE(Exists(kept.id));
}

TEST_F(LifecycleTest, AWaitingJobDoesNotExpireBeforeItsEnd) {
  rig_.engine.HoldSteps();
  const JobId id = rig_.Submit(SpecFor(absl::Seconds(1)));
  rig_.engine.AwaitHeldStep();
  rig_.clock.Advance(absl::Hours(100));
  ASSERT_TRUE(Expire().ok());
  rig_.engine.ReleaseSteps();
  EXPECT_EQ(rig_.AwaitEnd(id).expire_time, rig_.clock.Now() + absl::Seconds(1));
}

TEST_F(LifecycleTest, ARequestIdLeadsToItsJobForADay) {
  const JobId id = rig_.queue.Submit(SpecFor(absl::Hours(1)), "id-1")->job.id;
  const Job job = rig_.AwaitEnd(id);
  rig_.clock.Advance(absl::Hours(1));
  ASSERT_TRUE(Expire().ok());
  EXPECT_FALSE(IsThere(job.artifact->file.key)) << "its ttl is over";
  const Job left = rig_.queue.Submit(SpecFor(absl::Hours(1)), "id-1")->job;
  EXPECT_EQ(left.id, id);
  EXPECT_EQ(left.state, JobState::kSucceeded);
  EXPECT_FALSE(left.artifact.has_value());
  EXPECT_EQ(left.expire_time, job.create_time + absl::Hours(24));
  rig_.clock.Advance(absl::Hours(23) - absl::Seconds(1));
  ASSERT_TRUE(Expire().ok());
  EXPECT_TRUE(Exists(id));
  rig_.clock.Advance(absl::Seconds(1));
  ASSERT_TRUE(Expire().ok());
  EXPECT_FALSE(Exists(id));
}

TEST_F(LifecycleTest, ARecordStaysUntilItsBytesAreGone) {
  const Job job = rig_.AwaitEnd(rig_.Submit(SpecFor(absl::Hours(1))));
  const Job other = rig_.AwaitEnd(rig_.Submit(SpecFor(absl::Hours(1))));
  const std::string file = rig_.folder + "/" + job.artifact->file.key;
  fs::remove(file);
  fs::create_directory(file);  // which cannot be deleted as a file
  rig_.clock.Advance(absl::Hours(1));
  EXPECT_FALSE(Expire().ok());
  EXPECT_TRUE(Exists(job.id));
  EXPECT_FALSE(Exists(other.id)) << "one that cannot be deleted keeps no other";
  fs::remove(file);
  EXPECT_TRUE(Expire().ok());
  EXPECT_FALSE(Exists(job.id));
}

TEST_F(LifecycleTest, MoreThanABatchExpiresInOneGo) {
  for (int i = 0; i < 101; ++i) {
    Job made;
    made.id = JobId::Random();
    made.spec = SpecFor(absl::Hours(1));
    made = rig_.store.Insert(made, "", {})->job;
    JobEnd end;
    end.expire_time = rig_.clock.Now();
    ASSERT_TRUE(rig_.store.End(made, end).ok());
  }
  ASSERT_TRUE(Expire().ok());
  EXPECT_TRUE(rig_.store.List({.filter = {}, .principal = {}, .limit = 10})->jobs.empty());
}

TEST_F(LifecycleTest, ArtifactsThatNoRecordNamesAreDeleted) {
  const Job job = rig_.AwaitEnd(rig_.Submit());
  fs::last_write_time(rig_.folder + "/" + job.artifact->file.key,
                      fs::file_time_type::clock::now() - std::chrono::hours(2));
  const std::string of_no_job = KeyFor(JobId::Random()), of_another_try = KeyFor(job.id, 7);
  Leave(of_no_job);
  Leave(of_another_try);
  ASSERT_TRUE(orphans_.Sweep(nullptr).ok());
  EXPECT_TRUE(IsThere(job.artifact->file.key));
  EXPECT_FALSE(IsThere(of_no_job));
  EXPECT_FALSE(IsThere(of_another_try));
}

TEST_F(LifecycleTest, WhatMayBeSomebodysIsLeftAlone) {
  rig_.engine.HoldSteps();
  const JobId running = rig_.Submit();
  rig_.engine.AwaitHeldStep();
  const std::string young = KeyFor(JobId::Random()), of_running = KeyFor(running);
  const std::string of_other_store = JobId::Random().value() + "-0123456789abcdef-1.mp4";
  Leave(young, absl::Minutes(50));
  for (const std::string& key : {of_running, of_other_store, std::string("holiday.mp4")}) Leave(key);
  ASSERT_TRUE(orphans_.Sweep(nullptr).ok());
  for (const std::string& key : {young, of_running, of_other_store, std::string("holiday.mp4")}) {
    EXPECT_TRUE(IsThere(key)) << key;
  }
}

TEST_F(LifecycleTest, ALostArtifactIsSaidOnce) {
  const Job job = rig_.AwaitEnd(rig_.Submit());
  fs::remove(rig_.folder + "/" + job.artifact->file.key);
  testing::internal::CaptureStderr();
  ASSERT_TRUE(orphans_.Sweep(nullptr).ok());
  const std::string first = testing::internal::GetCapturedStderr();
  EXPECT_THAT(first, HasSubstr(job.id.value()));
  EXPECT_THAT(first, HasSubstr("is gone"));
  testing::internal::CaptureStderr();
  ASSERT_TRUE(orphans_.Sweep(nullptr).ok());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_TRUE(rig_.store.Get(job.id)->artifact.has_value()) << "the record tells what there was";
}

TEST(ArtifactNameTest, AKeyTellsItsStoreAndItsJob) {
  Job job;
  job.id = JobId::Random();
  job.claim = 3;
  ClipSpec clip;
  clip.output_format = OutputFormat::kPngZip;
  job.spec.clip = std::make_shared<ClipSpec>(clip);
  const std::string uid = "0123456789abcdef", key = ArtifactKeyOf(job, uid);
  EXPECT_EQ(key, job.id.value() + "-0123456789abcdef-3.zip");
  EXPECT_EQ(JobOfArtifact(key, uid), job.id);
  for (const char* other : {"0123456789abcde", "0123456789abcdee", ""}) {
    EXPECT_EQ(JobOfArtifact(key, other), std::nullopt) << other;
  }
  for (const char* name : {"", "-", "clip.mp4", "-0123456789abcdef-3.zip", "x-0123456789abcdef-1.mp4"}) {
    EXPECT_EQ(JobOfArtifact(name, uid), std::nullopt) << name;
  }
}

}  // namespace
}  // namespace ovi
