// What a PostgreSQL store promises beyond the conformance suite: several servers over one database, and what it does
// when it cannot. Run by tests/service/postgres_store_test.py.
#include <signal.h>

#include <atomic>
#include <thread>

#include "server/stores/postgres/conninfo.h"
#include "server/stores/postgres/postgres_errors.h"
#include "tests/service/postgres_rig.h"
#include "tests/unit/full_job.h"
#include "tests/unit/job_store_conformance.h"

namespace ovi {
namespace {

std::unique_ptr<JobStore> MakePostgresStore() { return PostgresRig().Open("server"); }
INSTANTIATE_TEST_SUITE_P(Postgres, JobStoreTest, testing::Values(&MakePostgresStore));

class PostgresStoreTest : public testing::Test {
 protected:
  static JobEnd Succeeded(const std::string& key) {
    JobEnd end;
    end.state = JobState::kSucceeded;
    end.time = absl::FromUnixSeconds(7);
    end.artifact = JobArtifact{{key, 3, "abc", "file:///" + key}, {}};
    return end;
  }

  PostgresRig rig_;
  static constexpr QueueLimits kNoLimit = {};
};

TEST_F(PostgresStoreTest, WhatOneServerStoresTheOtherReadsToTheLastField) {
  const auto a = rig_.Open("a"), b = rig_.Open("b");
  const Job job = FullJob("a red ball");
  ASSERT_TRUE(a->Insert(job, "id-1", kNoLimit).ok());
  const Job read = *b->Get(job.id);
  EXPECT_EQ(read.create_time, job.create_time);
  EXPECT_EQ(read.uid, job.uid);
  EXPECT_EQ(read.spec.principal, "me");
  EXPECT_EQ(read.spec.body, job.spec.body);
  EXPECT_EQ(*(*b->Claim(absl::Now()))->spec.clip, *job.spec.clip) << "zeros and bytes that are no UTF-8 included";
  EXPECT_FALSE(a->Insert(job, "id-1", kNoLimit)->created);
}

// Seen failing without the lock of Insert: 11 jobs waited where 10 may, and the unique index refused 4 submissions.
TEST_F(PostgresStoreTest, SubmissionsAtTheSameTimeMakeOneJobOfARequestAndKeepTheLimit) {
  const auto a = rig_.Open("a"), b = rig_.Open("b");
  constexpr int kThreads = 8, kRounds = 10;
  std::atomic<int> created = 0, repeated = 0, refused = 0, other = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      PostgresJobStore& store = i % 2 == 0 ? *a : *b;
      for (int round = 0; round < kRounds; ++round) {
        // Every thread sends the same two requests a round.
        const auto inserted = store.Insert(FullJob("same"), "id-" + std::to_string(2 * round + i % 2), {.jobs = 10});
        if (inserted.ok()) ++(inserted->created ? created : repeated);
        if (inserted.status().code() == absl::StatusCode::kResourceExhausted) ++refused;
        if (!inserted.ok() && inserted.status().code() != absl::StatusCode::kResourceExhausted) ++other;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(created, 10) << "as many as may wait";
  EXPECT_EQ(other, 0);
  EXPECT_EQ(created + repeated + refused, kThreads * kRounds);
  EXPECT_EQ(rig_.Ask("SELECT count(*) FROM ovi_jobs"), 10);
}

// Seen failing without FOR UPDATE SKIP LOCKED: 48 claims on 40 jobs.
TEST_F(PostgresStoreTest, ServersThatClaimAtTheSameTimeNeverGetTheSameJob) {
  const auto a = rig_.Open("a"), b = rig_.Open("b");
  constexpr int kJobs = 40;
  for (int i = 0; i < kJobs; ++i) ASSERT_TRUE(a->Insert(FullJob("one"), "", kNoLimit).ok());
  std::vector<std::vector<JobId>> claimed(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < claimed.size(); ++i) {
    threads.emplace_back([&, i] {
      PostgresJobStore& store = i % 2 == 0 ? *a : *b;
      // Nothing, while somebody is taking the last row, is no end.
      while (!store.Queued()->empty()) {
        if (const auto job = *store.Claim(absl::Now())) claimed[i].push_back(job->id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<JobId> all;
  for (const auto& each : claimed) all.insert(all.end(), each.begin(), each.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all.size(), size_t{kJobs});
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
}

TEST_F(PostgresStoreTest, AJobIsAbandonedOnceItsLeaseIsOverAndByOneServerOnly) {
  const auto a = rig_.Open("a"), b = rig_.Open("b"), c = rig_.Open("c");
  ASSERT_TRUE(a->Insert(FullJob("one"), "", kNoLimit).ok());
  const Job claimed = **a->Claim(absl::Now());
  EXPECT_TRUE(b->Abandoned()->empty()) << "its lease has just begun";
  rig_.EndLeases();
  ASSERT_TRUE(a->Renew(claimed, {}).ok()) << "late, but nobody took it";
  EXPECT_TRUE(b->Abandoned()->empty()) << "renewed";
  rig_.EndLeases();
  const auto abandoned = b->Abandoned();
  ASSERT_EQ(abandoned->size(), 1u);
  EXPECT_TRUE(c->Abandoned()->empty()) << "b has it in hand";
  EXPECT_EQ(a->Renew(claimed, {}).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(a->End(claimed, Succeeded("k.mp4")).status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(b->Requeue(abandoned->at(0), Attempt::kCounts).ok());
  const Job again = **c->Claim(absl::Now());
  EXPECT_EQ(again.attempts, 2);
  EXPECT_TRUE(c->End(again, Succeeded("k-2.mp4")).ok());
}

TEST_F(PostgresStoreTest, WhatAServerMadeIsAbandonedWhenItStartsAgain) {
  const auto b = rig_.Open("b");
  {
    const auto a = rig_.Open("a");
    ASSERT_TRUE(a->Insert(FullJob("one"), "", kNoLimit).ok());
    ASSERT_TRUE((*a->Claim(absl::Now())).has_value());
  }
  rig_.Open("c");
  EXPECT_TRUE(b->Abandoned()->empty()) << "another server's start says nothing";
  EXPECT_EQ(rig_.Open("a")->Abandoned()->size(), 1u);
}

TEST_F(PostgresStoreTest, AnEndThatIsSentAgainBecauseItsAnswerWasLostIsOne) {
  const auto store = rig_.Open("a");
  ASSERT_TRUE(store->Insert(FullJob("one"), "", kNoLimit).ok());
  const Job claimed = **store->Claim(absl::Now());
  ASSERT_TRUE(store->End(claimed, Succeeded("k.mp4")).ok());
  EXPECT_EQ(store->End(claimed, Succeeded("k.mp4"))->state, JobState::kSucceeded);
  EXPECT_EQ(store->End(claimed, Succeeded("other.mp4")).status().code(), absl::StatusCode::kAborted);
}

TEST_F(PostgresStoreTest, AGlanceTellsWhatOneServerMustKnowOfTheOthers) {
  const auto a = rig_.Open("a");
  const Job first = a->Insert(FullJob("one"), "", kNoLimit)->job, second = a->Insert(FullJob("two"), "", kNoLimit)->job;
  const Job claimed = **a->Claim(absl::Now());
  JobProgress progress;
  progress.stage = Stage::kDiffusion;
  ASSERT_TRUE(a->Renew(claimed, progress).ok());
  ASSERT_TRUE(a->RequestCancel(first.id, absl::Now()).ok());
  auto glances = *rig_.Open("b")->Unfinished();
  ASSERT_EQ(glances.size(), 2u);
  std::sort(glances.begin(), glances.end(), [](const auto& x, const auto& y) { return x.turn < y.turn; });
  EXPECT_EQ(glances[0].id, first.id);
  EXPECT_TRUE(glances[0].running && glances[0].cancel_requested);
  EXPECT_EQ(glances[0].claim, 1);
  EXPECT_EQ(glances[0].attempts, 1);
  EXPECT_EQ(glances[0].progress.stage, Stage::kDiffusion);
  EXPECT_EQ(glances[1].turn, second.Turn());
  EXPECT_FALSE(glances[1].running);
}

TEST_F(PostgresStoreTest, ServersHearOfEachOtherAndNotOfThemselves) {
  const auto a = rig_.Open("a"), b = rig_.Open("b");
  Mutex mutex;
  CondVar changed;
  int heard = 0;  // guarded by mutex
  const auto await = [&](int count) {
    MutexLock lock(mutex);
    return changed.WaitFor(lock, absl::Seconds(20), [&] { return heard >= count; });
  };
  b->OnNews([&] {
    MutexLock lock(mutex);
    ++heard;
    changed.NotifyAll();
  });
  ASSERT_TRUE(await(1)) << "it listens";
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(b->Insert(FullJob("its own"), "", kNoLimit).ok());
  ASSERT_TRUE(a->Insert(FullJob("one"), "", kNoLimit).ok());
  ASSERT_TRUE(await(2));
  {
    MutexLock lock(mutex);
    EXPECT_EQ(heard, 2) << "it heard of its own jobs";
  }
  ASSERT_TRUE((*a->Claim(absl::Now())).has_value());
  ASSERT_TRUE(await(3));
  rig_.CutConnections();
  ASSERT_TRUE(await(4)) << "it listens again, and may have missed something";
  b->OnNews(nullptr);
}

TEST_F(PostgresStoreTest, ALostConnectionIsReplacedAndNothingIsDoneTwice) {
  const auto store = rig_.Open("a");
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(store->Insert(FullJob("one"), "", kNoLimit).ok());
    rig_.CutConnections();
    EXPECT_TRUE(store->Insert(FullJob("two"), "", kNoLimit).ok());
    rig_.CutConnections();
    EXPECT_EQ(store->Queued()->size(), 2u * (static_cast<size_t>(round) + 1));
  }
}

TEST_F(PostgresStoreTest, ACallThatWaitsForARowIsUnavailableInTheEndAndHangsNobody) {
  const auto store = rig_.Open("a");
  const Job job = store->Insert(FullJob("one"), "", kNoLimit)->job;
  rig_.Execute("BEGIN; SELECT 1 FROM ovi_jobs FOR UPDATE");
  const absl::Time begin = absl::Now();
  EXPECT_EQ(store->RequestCancel(job.id, absl::Now()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30));
  EXPECT_FALSE((*store->Claim(absl::Now())).has_value()) << "a locked row is passed over";
  rig_.Execute("ROLLBACK");
  EXPECT_TRUE((*store->Claim(absl::Now())).has_value());
}

TEST_F(PostgresStoreTest, AConnectionThatFallsSilentIsGivenUpAndReplaced) {
  const auto store = rig_.Open("a");
  const Job job = store->Insert(FullJob("one"), "", kNoLimit)->job;
  const auto pid = static_cast<pid_t>(rig_.Ask(
      "SELECT pid::bigint FROM pg_stat_activity WHERE application_name = 'ovi-server' AND pid <> pg_backend_pid() "
      "ORDER BY backend_start DESC LIMIT 1"));
  ASSERT_EQ(kill(pid, SIGSTOP), 0) << "this test needs the rights of the database's user";
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(store->Get(job.id).ok());
  EXPECT_GT(absl::Now() - begin, absl::Seconds(5)) << "another connection was stopped";
  EXPECT_LT(absl::Now() - begin, absl::Seconds(60));
  kill(pid, SIGCONT);
}

TEST_F(PostgresStoreTest, ServersThatStartAtTheSameTimeMakeTheTablesOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> opened = 0;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      opened += PostgresJobStore::Open({.address = rig_.address, .server_uid = std::to_string(i)}).ok() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 6);
  EXPECT_EQ(rig_.Ask("SELECT count(*) FROM ovi_schema"), 1);
}

TEST_F(PostgresStoreTest, OfANewerServerIsRefusedAndLeftAlone) {
  rig_.Open("a");
  rig_.Execute("INSERT INTO ovi_schema VALUES (99)");
  const absl::Status status = PostgresJobStore::Open({.address = rig_.address, .server_uid = "b"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("version 99"));
}

TEST_F(PostgresStoreTest, ARecordThatCannotBeReadNamesItsJobAndNothingIsMadeUp) {
  const auto store = rig_.Open("a");
  const Job job = store->Insert(FullJob("one"), "", kNoLimit)->job;
  rig_.Execute(R"(UPDATE ovi_jobs SET spec = '\xFFFF')");
  const absl::Status status = store->Get(job.id).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr(job.id.value()));
}

TEST(PostgresAddressTest, NobodyIsToldAPassword) {
  const std::string uri = "postgresql://ovi:s3cret@127.0.0.1:1/jobs";
  EXPECT_TRUE(IsPostgresAddress(uri));
  EXPECT_TRUE(CheckPostgresAddress(uri).ok());
  EXPECT_EQ(DescribePostgresAddress(uri), "127.0.0.1:1/jobs");
  for (const std::string& broken : {std::string("postgresql://ovi:s3cret@[::1/jobs"), std::string("host=h s3cret"),
                                    std::string("postgresql://h/jobs?s3cret=1")}) {
    ASSERT_TRUE(IsPostgresAddress(broken)) << broken;
    const absl::Status status = CheckPostgresAddress(broken);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), testing::Not(testing::HasSubstr("s3cret")));
  }
  const absl::Status unreachable = PostgresJobStore::Open({.address = uri, .server_uid = "a"}).status();
  EXPECT_EQ(unreachable.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(unreachable.message()), testing::HasSubstr("port 1 failed"));
  EXPECT_THAT(std::string(unreachable.message()), testing::Not(testing::HasSubstr("s3cret")));
  EXPECT_FALSE(IsPostgresAddress("sqlite"));
  EXPECT_FALSE(IsPostgresAddress("memory"));
  EXPECT_FALSE(IsPostgresAddress("mysql://h/jobs?a=b"));
}

TEST(PostgresErrorsTest, WhatMayPassIsToldFromWhatDoesNot) {
  EXPECT_EQ(CodeOfSqlState("53100"), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(CodeOfSqlState("XX001"), absl::StatusCode::kDataLoss);
  EXPECT_EQ(CodeOfSqlState("57P01"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOfSqlState("57014"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOfSqlState("53300"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOfSqlState("25006"), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOfSqlState(""), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeOfSqlState("42P01"), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace ovi
