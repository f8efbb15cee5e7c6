#include "server/artifacts/artifact_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/time/clock.h"
#include "server/artifacts/directory_store.h"
#include "server/artifacts/sha256.h"

namespace ovi {
namespace {

namespace fs = std::filesystem;

class ArtifactStoreTest : public testing::Test {
 protected:
  ArtifactStoreTest() : folder_(testing::TempDir() + "artifacts-" + TestName()) {
    fs::remove_all(folder_);
    store_ = *OpenDirectoryStore(folder_);
  }
  ~ArtifactStoreTest() override { fs::remove_all(folder_); }

  static std::string TestName() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }

  StoredArtifact Store(const std::string& key, const std::string& bytes) {
    auto pending = *store_->Begin(key, "video/mp4");
    std::ofstream(pending->path()) << bytes;
    return *pending->Commit(nullptr);
  }

  size_t FilesBelow() const {
    size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) files += entry.is_regular_file() ? 1 : 0;
    return files;
  }

  const std::string folder_;
  std::unique_ptr<ArtifactStore> store_;
};

TEST_F(ArtifactStoreTest, CommitMakesTheBytesVisibleWithTheirChecksum) {
  const StoredArtifact stored = Store("a.mp4", "abc");
  EXPECT_EQ(stored.size_bytes, 3);
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(stored.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(stored.uri, "file://" + folder_ + "/a.mp4");
  EXPECT_EQ(*(*store_->Open("a.mp4"))->Read(1, 100), "bc");
}

TEST_F(ArtifactStoreTest, NothingIsVisibleBeforeCommit) {
  auto pending = *store_->Begin("a.mp4", "video/mp4");
  std::ofstream(pending->path()) << "half";
  EXPECT_EQ(store_->Open("a.mp4").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ArtifactStoreTest, AnAbandonedArtifactLeavesNothing) {
  {
    auto pending = *store_->Begin("a.mp4", "video/mp4");
    std::ofstream(pending->path()) << "half";
    ASSERT_EQ(FilesBelow(), 1u);
  }
  EXPECT_EQ(FilesBelow(), 0u);
}

TEST_F(ArtifactStoreTest, OpeningTheStoreRemovesWhatACrashLeft) {
  std::ofstream(folder_ + "/incoming/left.mp4") << "half";
  fs::create_directory(folder_ + "/incoming/of-a-dead-process");
  std::ofstream(folder_ + "/incoming/of-a-dead-process/left.mp4") << "half";
  Store("whole.mp4", "whole");
  store_ = *OpenDirectoryStore(folder_);
  EXPECT_EQ(FilesBelow(), 1u);
}

TEST_F(ArtifactStoreTest, WhatAnotherServerWritesIsLeftAlone) {
  auto pending = *store_->Begin("a.mp4", "video/mp4");
  std::ofstream(pending->path()) << "abc";
  const auto other = *OpenDirectoryStore(folder_);
  ASSERT_TRUE(other->RemoveUnfinished(absl::InfiniteFuture(), [](const std::string&) { return true; }).ok());
  EXPECT_TRUE(pending->Commit(nullptr).ok());
}

TEST_F(ArtifactStoreTest, AListingHasWhatIsWhole) {
  const absl::Time before = absl::Now() - absl::Seconds(1);
  Store("a.mp4", "abc");
  auto pending = *store_->Begin("b.mp4", "video/mp4");
  std::ofstream(pending->path()) << "half";
  const auto entries = *store_->List();
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].key, "a.mp4");
  EXPECT_EQ(entries[0].size_bytes, 3);
  EXPECT_GE(entries[0].stored_time, before);
  EXPECT_LE(entries[0].stored_time, absl::Now() + absl::Seconds(1));
}

TEST_F(ArtifactStoreTest, TheDisksFreeBytesAreTold) {
  EXPECT_EQ(*store_->FreeBytes() / (64 << 20), static_cast<int64_t>(fs::space(folder_).available) / (64 << 20));
}

TEST_F(ArtifactStoreTest, DeleteRemovesTheBytesAndMayBeRepeated) {
  Store("a.mp4", "abc");
  EXPECT_TRUE(store_->Delete("a.mp4").ok());
  EXPECT_TRUE(store_->Delete("a.mp4").ok());
  EXPECT_EQ(FilesBelow(), 0u);
}

TEST_F(ArtifactStoreTest, AReaderOutlivesTheDeletion) {
  Store("a.mp4", "abc");
  auto reader = *store_->Open("a.mp4");
  ASSERT_TRUE(store_->Delete("a.mp4").ok());
  EXPECT_EQ(*reader->Read(0, 3), "abc");
}

TEST_F(ArtifactStoreTest, AKeyCannotLeaveTheFolder) {
  for (const char* key : {"../a", "/etc/passwd", "", "..", "a/b"}) {
    EXPECT_FALSE(store_->Begin(key, "video/mp4").ok()) << key;
    EXPECT_FALSE(store_->Open(key).ok()) << key;
    EXPECT_FALSE(store_->Delete(key).ok()) << key;
  }
}

TEST_F(ArtifactStoreTest, CommitWithoutAFileSaysSo) {
  auto pending = *store_->Begin("a.mp4", "video/mp4");
  EXPECT_EQ(pending->Commit(nullptr).status().code(), absl::StatusCode::kNotFound);
}

TEST(DirectoryStoreTest, AFileInTheWayIsNamed) {
  const std::string file = testing::TempDir() + "artifacts-in-the-way";
  std::ofstream(file) << "x";
  const absl::Status status = OpenDirectoryStore(file).status();
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr(file));
  fs::remove(file);
}

}  // namespace
}  // namespace ovi
