#include "server/artifacts/s3/s3_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

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
  const StoredArtifact stored = *Store(Key(), "abc");
  HttpResponse response = Get(*store_->PresignGet(Key(), absl::Minutes(1)));
  EXPECT_EQ(response.headers[kSha256Header], stored.sha256);
  EXPECT_EQ(response.headers["content-type"], "video/mp4");
}

TEST_F(S3StoreTest, NothingIsVisibleBeforeCommitOrLeftWithoutIt) {
  {
    auto pending = *store_->Begin(Key());
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
  for (const char* bad : {"../a", "/etc/passwd", "", "a/b"}) EXPECT_FALSE(store_->Begin(bad).ok()) << bad;
}

TEST_F(S3StoreTest, AnEmptyObjectIsReadAsEmpty) {
  ASSERT_TRUE(Store(Key(), "").ok());
  const auto reader = store_->Open(Key());
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(*(*reader)->Read(0, 3), "");
}

TEST_F(S3StoreTest, CommitWithoutAFileSaysSo) {
  EXPECT_EQ((*store_->Begin(Key()))->Commit().status().code(), absl::StatusCode::kNotFound);
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

TEST_F(S3StoreTest, OneByteLessGoesInOnePiece) {
  ASSERT_TRUE(Store(Key(), Bytes(kMultipartFromBytes - 1)).ok());
  EXPECT_EQ(TakeLog().size(), 1u);
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
