#include "server/artifacts/s3/s3_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "server/artifacts/s3/s3_upload.h"
#include "server/artifacts/sha256.h"
#include "tests/service/s3_rig.h"

namespace ovi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(S3StoreTest, CommitMakesTheBytesVisibleWithTheirChecksum) {
  const StoredArtifact stored = *Store(Key(), "abc");
  EXPECT_EQ(stored.key, Key());
  EXPECT_EQ(stored.size_bytes, 3);
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(stored.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(stored.uri, "s3://clips/some/prefix/" + Key());
  EXPECT_EQ(*(*store_->Open(Key()))->Read(1, 100), "bc");
  EXPECT_THAT(TakeLog(), ElementsAre("PUT /clips/some/prefix/" + Key(), "GET /clips/some/prefix/" + Key()));
  EXPECT_EQ(LocalFiles(), 0u);
}

TEST_F(S3StoreTest, TheObjectCarriesChecksumAndType) {
  const StoredArtifact stored = *Store(Key(), "abc", nullptr, "video/x-matroska");
  HttpResponse response = Get(*store_->PresignGet(Key(), absl::Minutes(1)));
  EXPECT_EQ(response.headers[kSha256Header], stored.sha256);
  EXPECT_EQ(response.headers["content-type"], "video/x-matroska");
}

TEST_F(S3StoreTest, NothingIsVisibleBeforeCommitOrLeftWithoutIt) {
  {
    auto pending = *store_->Begin(Key(), "video/mp4");
    std::ofstream(pending->path()) << "half";
    EXPECT_EQ(store_->Open(Key()).status().code(), absl::StatusCode::kNotFound);
  }
  EXPECT_EQ(store_->Open(Key()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(LocalFiles(), 0u);
}

TEST_F(S3StoreTest, OpeningTheStoreRemovesWhatACrashLeft) {
  std::ofstream(folder_ + "/left.mp4") << "half";
  store_ = StoreWith({});
  EXPECT_EQ(LocalFiles(), 0u);
}

TEST_F(S3StoreTest, DeleteRemovesTheObjectAndMayBeRepeated) {
  ASSERT_TRUE(Store(Key(), "abc").ok());
  EXPECT_TRUE(store_->Delete(Key()).ok());
  EXPECT_TRUE(store_->Delete(Key()).ok());
  EXPECT_EQ(store_->Open(Key()).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(S3StoreTest, AKeyOfOddCharactersIsOneKey) {
  const std::string key = "früh +%2F&=?#~'(1).mp4";
  ASSERT_TRUE(Store(key, "abc").ok());
  EXPECT_EQ(*(*store_->Open(key))->Read(0, 3), "abc");
  EXPECT_EQ(Get(*store_->PresignGet(key, absl::Minutes(1))).body, "abc");
  for (const char* bad : {"../a", "/etc/passwd", "", "a/b"}) EXPECT_FALSE(store_->Begin(bad, "video/mp4").ok()) << bad;
}

TEST_F(S3StoreTest, AnEmptyObjectIsReadAsEmpty) {
  ASSERT_TRUE(Store(Key(), "").ok());
  const auto reader = store_->Open(Key());
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(*(*reader)->Read(0, 3), "");
}

TEST_F(S3StoreTest, CommitWithoutAFileSaysSo) {
  EXPECT_EQ((*store_->Begin(Key(), "video/mp4"))->Commit(nullptr).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(S3StoreTest, ALargeClipGoesInPartsAndComesBackWhole) {
  const std::string clip = Bytes(kMultipartFromBytes + 5);
  const StoredArtifact stored = *Store(Key(), clip);
  EXPECT_EQ(stored.sha256, Sha256Of(clip));
  const std::vector<std::string> log = TakeLog();
  ASSERT_EQ(log.size(), 5u);
  EXPECT_THAT(log[0], HasSubstr("?uploads="));
  for (size_t part = 1; part <= 3; ++part) EXPECT_THAT(log[part], HasSubstr("?partNumber=" + std::to_string(part)));
  EXPECT_THAT(log[4], testing::AllOf(StartsWith("POST"), HasSubstr("?uploadId=")));

  auto reader = *store_->Open(Key());
  EXPECT_EQ(Sha256Of(*reader->Read(0, stored.size_bytes)), stored.sha256);
  EXPECT_EQ(*reader->Read(stored.size_bytes - 2, 10), clip.substr(clip.size() - 2));
  EXPECT_EQ(*reader->Read(stored.size_bytes, 10), "");
  EXPECT_EQ(Get(*store_->PresignGet(Key(), absl::Minutes(1))).headers[kSha256Header], stored.sha256);
}

// Seen failing: without the comparison the object had the first bytes that were written.
TEST_F(S3StoreTest, PartsOfAGrowingFileAreSentBeforeItIsWholeAndAgainWhereItChanged) {
  constexpr size_t kSize = 5 * kPartBytes + 5;
  std::string clip = Bytes(kSize);
  auto pending = *store_->Begin(Key(), "video/x-matroska");
  std::fstream file(pending->path(), std::ios::in | std::ios::out | std::ios::trunc | std::ios::binary);
  file << clip << std::flush;
  std::vector<std::string> early;
  while (early.size() < 4) {  // the upload and parts 2 to 4: of a file that might grow, the last two are held back
    for (std::string& line : TakeLog()) early.push_back(std::move(line));
  }
  EXPECT_THAT(early[1], HasSubstr("?partNumber=2"));
  for (const size_t changed : {size_t{3}, 2 * kPartBytes + size_t{7}}) {
    clip[changed] ^= 1;
    file.seekp(static_cast<std::streamoff>(changed)).put(clip[changed]);
  }
  file.close();
  const StoredArtifact stored = *pending->Commit(nullptr);
  std::vector<std::string> late = TakeLog();
  ASSERT_EQ(late.size(), 5u);
  const int numbers[] = {1, 3, 5, 6};
  for (size_t i = 0; i < 4; ++i) EXPECT_THAT(late[i], HasSubstr(absl::StrFormat("?partNumber=%d&", numbers[i])));
  EXPECT_EQ(stored.sha256, Sha256Of(clip));
  EXPECT_EQ(Sha256Of(*(*store_->Open(Key()))->Read(0, stored.size_bytes)), stored.sha256);
}

// What it saves with an S3 at 16 Mbit/s and a decoder that writes a megabyte a second: --gtest_also_run_disabled_tests.
TEST_F(S3StoreTest, DISABLED_WhatSendingEarlySaves) {
  for (const char* type : {"video/mp4", "video/x-matroska"}) {
    Spoil("slow", "PUT", 1000);
    auto pending = *store_->Begin(Key(), type);
    std::ofstream file(pending->path());
    for (int megabyte = 0; megabyte < 60; ++megabyte) {
      file << Bytes(1 << 20) << std::flush;
      absl::SleepFor(absl::Seconds(1));
    }
    file.close();
    const absl::Time start = absl::Now();
    ASSERT_TRUE(pending->Commit(nullptr).ok());
    std::printf("%s: 60 MiB, Commit took %s\n", type, absl::FormatDuration(absl::Now() - start).c_str());
    TakeLog();
  }
}

TEST_F(S3StoreTest, AGrowingFileThatIsGivenUpLeavesNoUpload) {
  {
    auto pending = *store_->Begin(Key(), "application/zip");
    std::ofstream(pending->path()) << Bytes(3 * kPartBytes);
    for (size_t seen = 0; seen < 2;) seen += TakeLog().size();
  }
  EXPECT_THAT(TakeLog(), ElementsAre(testing::AllOf(StartsWith("DELETE"), HasSubstr("?uploadId="))));
}

TEST_F(S3StoreTest, OneByteLessGoesInOnePiece) {
  ASSERT_TRUE(Store(Key(), Bytes(kMultipartFromBytes - 1)).ok());
  EXPECT_EQ(TakeLog().size(), 1u);
}

TEST_F(S3StoreTest, AListingHasEveryPageOfWhatLiesDirectlyBelowThePrefix) {
  const auto below = [this](const std::string& folder) { return StoreWith({}, "s3://clips/" + folder); };
  ASSERT_TRUE((store_ = below("listed/deeper"))->CheckWritable().ok());
  ASSERT_TRUE(Store("deep.mp4", "x").ok());
  store_ = below("listed");
  const absl::Time before = absl::Now() - absl::Minutes(1);
  ASSERT_TRUE(Store("a <&> 'b'.mp4", "abc").ok());
  constexpr int kMoreThanAPage = 1001;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = thread; i < kMoreThanAPage; i += 4) EXPECT_TRUE(Store(absl::StrFormat("%04d.mp4", i), "x").ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  TakeLog();
  const auto entries = store_->List();
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_EQ(TakeLog().size(), 2u);
  ASSERT_EQ(entries->size(), kMoreThanAPage + 1u);
  EXPECT_EQ(entries->front().key, "0000.mp4");
  EXPECT_EQ(entries->back().key, "a <&> 'b'.mp4");
  EXPECT_EQ(entries->back().size_bytes, 3);
  EXPECT_GT(entries->back().stored_time, before);
}

TEST_F(S3StoreTest, AReaderSaysThatItsObjectIsGoneOrAnother) {
  const std::string clip = Bytes(5 << 20);  // more than one window
  ASSERT_TRUE(Store(Key(), clip).ok());
  auto reader = *store_->Open(Key());
  ASSERT_TRUE(Store(Key(), Bytes((5 << 20) + 1)).ok());
  EXPECT_EQ(reader->Read((5 << 20) - 1, 1).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(store_->Delete(Key()).ok());
  EXPECT_EQ(reader->Read((5 << 20) - 1, 1).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(S3StoreTest, ThreadsShareAStore) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, key = Key(std::to_string(i))] {
      EXPECT_EQ(Store(key, key)->uri, "s3://clips/some/prefix/" + key);
      EXPECT_EQ(*(*store_->Open(key))->Read(0, 100), key);
      EXPECT_TRUE(store_->Delete(key).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(S3StoreTest, APresignedUrlGivesTheBytesToAnybody) {
  ASSERT_TRUE(Store(Key(), "abc").ok());
  const std::string url = *store_->PresignGet(Key(), absl::Minutes(1));
  EXPECT_EQ(Get(url).body, "abc");
  EXPECT_EQ(Get(url + "0").status, 403);
  EXPECT_EQ(Get(url.substr(0, url.find('?'))).status, 403);
}

TEST_F(S3StoreTest, APresignedUrlExpires) {
  ASSERT_TRUE(Store(Key(), "abc").ok());
  FakeClock an_hour_ago(RealClock().Now() - absl::Hours(1));
  const auto earlier = StoreWith({}, "s3://clips/some/prefix", an_hour_ago);
  EXPECT_EQ(Get(*earlier->PresignGet(Key(), absl::Minutes(59))).status, 403);
  EXPECT_EQ(Get(*earlier->PresignGet(Key(), absl::Minutes(62))).status, 200);
  EXPECT_EQ(store_->PresignGet(Key(), absl::ZeroDuration()).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(store_->PresignGet(Key(), absl::Hours(169)).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ovi
