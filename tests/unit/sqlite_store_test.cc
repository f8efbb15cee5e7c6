// What an SQLite file keeps that memory does not, and what it does when it cannot.
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "server/stores/sqlite/sqlite_job_store.h"
#include "tests/unit/full_job.h"
#include "tests/unit/job_store_conformance.h"

namespace ovi {
namespace {

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "/ovi-sqlite-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string File(const std::string& name = "jobs.db") const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::unique_ptr<JobStore> MakeSqliteStore() {
  static const Folder folder;
  static int count = 0;
  return *SqliteJobStore::Open(folder.File("jobs" + std::to_string(++count) + ".db"));
}
INSTANTIATE_TEST_SUITE_P(Sqlite, JobStoreTest, testing::Values(&MakeSqliteStore));

class SqliteFile : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<SqliteJobStore>> Open() { return SqliteJobStore::Open(folder_.File()); }
  void Damage(const std::string& sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(folder_.File().c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(handle);
  }

  const Folder folder_;
};

TEST_F(SqliteFile, AJobOutlivesTheStoreToTheLastField) {
  const Job job = FullJob("a red ball");
  ASSERT_TRUE((*Open())->Insert(job, "id-1", {.jobs = 10}).ok());
  const auto store = *Open();
  const Job read = *store->Get(job.id);
  EXPECT_EQ(read.create_time, job.create_time);
  EXPECT_EQ(read.uid, job.uid);
  EXPECT_EQ(read.spec.labels, job.spec.labels);
  EXPECT_EQ(read.spec.start_timeout, job.spec.start_timeout);
  EXPECT_EQ(read.spec.finish_timeout, std::nullopt);
  EXPECT_EQ(read.spec.principal, "me");
  EXPECT_EQ(read.spec.body, job.spec.body);
  EXPECT_EQ(read.spec.first_frame_bytes, 5);
  EXPECT_EQ(*(*store->Claim(absl::Now()))->spec.clip, *job.spec.clip);
  EXPECT_FALSE(store->Insert(job, "id-1", {.jobs = 10})->created);
}

TEST_F(SqliteFile, AnEndOutlivesTheStoreWithItsErrorAndItsDetails) {
  const Job job = FullJob("a red ball");
  JobEnd end;
  end.state = JobState::kFailed;
  end.time = absl::FromUnixSeconds(7);
  end.error = WithMetadata(WithReason(absl::InternalError("broke"), "GENERATE_FAILED"), "key", "value");
  end.progress.step = StepEvent{{3, 50, 0.5}, {absl::Seconds(20), true}};
  end.memory = {{absl::FromUnixSeconds(6), {.point = MemoryPoint::kDecodePeak, .peak_bytes = 9, .budget_bytes = 10}}};
  {
    const auto store = *Open();
    ASSERT_TRUE(store->Insert(job, "", {.jobs = 10}).ok());
    ASSERT_TRUE(store->End(job, end).ok());
  }
  const Job read = *(*Open())->Get(job.id);
  EXPECT_EQ(read.state, JobState::kFailed);
  EXPECT_EQ(read.error, end.error) << "code, message and details";
  EXPECT_EQ(read.progress.step->progress.step, 3);
  EXPECT_EQ(read.progress.step->until_end, end.progress.step->until_end);
  EXPECT_EQ(read.memory.at(0).sample.point, MemoryPoint::kDecodePeak);
  EXPECT_EQ(read.memory.at(0).sample.budget_bytes, 10);
  EXPECT_FALSE(read.artifact.has_value());
}

TEST_F(SqliteFile, SequencesAreNotUsedTwiceEvenAfterTheNewestJobIsDeleted) {
  const Job job = FullJob("one");
  int64_t first = 0;
  {
    const auto store = *Open();
    first = store->Insert(job, "", {.jobs = 10})->job.sequence;
    JobEnd end;
    end.state = JobState::kCancelled;
    ASSERT_TRUE(store->End(job, end).ok());
    ASSERT_TRUE(store->Delete(job.id).ok());
  }
  EXPECT_GT((*Open())->Insert(FullJob("two"), "", {.jobs = 10})->job.sequence, first);
}

TEST_F(SqliteFile, IsReadableByItsOwnerAlone) {
  const auto store = *Open();
  ASSERT_TRUE(store->Insert(FullJob("secret"), "", {.jobs = 10}).ok());
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status = {};
    ASSERT_EQ(stat((folder_.File() + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0077, 0u) << suffix;
  }
}

TEST_F(SqliteFile, OfANewerServerIsRefusedAndLeftAlone) {
  ASSERT_TRUE((*Open())->Insert(FullJob("one"), "", {.jobs = 10}).ok());
  Damage("PRAGMA user_version = 99");
  const absl::Status status = Open().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("version 99"));
}

TEST_F(SqliteFile, ThatIsNoDatabaseIsDataLoss) {
  std::ofstream(folder_.File()) << std::string(4096, 'x');
  EXPECT_EQ(Open().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(SqliteFile, ARecordThatCannotBeReadNamesItsJobAndNothingIsMadeUp) {
  const Job job = FullJob("one");
  ASSERT_TRUE((*Open())->Insert(job, "", {.jobs = 10}).ok());
  Damage("UPDATE jobs SET spec = x'FFFF'");
  const absl::Status status = (*Open())->Get(job.id).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr(job.id.value()));
}

// Writes beyond a size fail, as on a disk that is full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_ = {};
};

TEST_F(SqliteFile, ThatCannotGrowRefusesAndKeepsWhatItHas) {
  const auto store = *Open();
  const Job first = FullJob("one");
  ASSERT_TRUE(store->Insert(first, "", {.jobs = 10}).ok());
  Job large = FullJob("two");
  auto clip = std::make_shared<ClipSpec>(*large.spec.clip);
  clip->first_frame.assign(4 << 20, 'x');
  large.spec.clip = clip;
  {
    const FileSizeLimit limit(1 << 20);
    EXPECT_EQ(store->Insert(large, "", {.jobs = 10}).status().code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_EQ(store->Get(large.id).status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(store->Get(first.id).ok());
  EXPECT_TRUE(store->Insert(large, "", {.jobs = 10}).ok()) << "with room again, it is taken";
}

}  // namespace
}  // namespace ovi
