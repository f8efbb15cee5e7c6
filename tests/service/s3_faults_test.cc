// What goes wrong between a server and its bucket, and what is said about it. Seen failing: without repeating, with all
// errors repeated, after equal waits, with redirects followed, certificates or the length of answers not looked at, a
// broken connection as Internal, uploads not aborted, a lost answer taken for a failure, any object taken for ours, a
// 200 for a success, no rule for a missing bucket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "server/artifacts/s3/s3_store.h"
#include "server/artifacts/s3/s3_upload.h"
#include "server/artifacts/sha256.h"
#include "tests/service/s3_rig.h"

namespace ovi {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class S3FaultsTest : public S3StoreTest {
 protected:
  // Expects an error of this code, which says this, from a request that was sent so often.
  void ExpectError(const absl::Status& status, absl::StatusCode code, const std::string& said, size_t requests) {
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(said));
    EXPECT_THAT(TakeLog(), SizeIs(requests));
  }
};

TEST_F(S3FaultsTest, AWrongSecretIsRefusedAndNotRepeated) {
  store_ = StoreWith({{"AWS_SECRET_ACCESS_KEY", "not-the-secret"}});
  const absl::Status status = Store(Key(), "abc").status();
  EXPECT_THAT(std::string(status.message()), testing::Not(HasSubstr("not-the-secret")));
  ExpectError(status, absl::StatusCode::kPermissionDenied, "check AWS_SECRET_ACCESS_KEY", 1);
  ExpectError(store_->CheckWritable(), absl::StatusCode::kPermissionDenied, "check AWS_SECRET_ACCESS_KEY", 1);
  ExpectError(store_->Open(Key()).status(), absl::StatusCode::kPermissionDenied, "check AWS_SECRET_ACCESS_KEY", 1);
  ExpectError(store_->Delete(Key()), absl::StatusCode::kPermissionDenied, "check AWS_SECRET_ACCESS_KEY", 1);
}

TEST_F(S3FaultsTest, AnUnknownKeyIsNamed) {
  store_ = StoreWith({{"AWS_ACCESS_KEY_ID", "AKIANOBODY"}});
  ExpectError(store_->CheckWritable(), absl::StatusCode::kPermissionDenied, "check AWS_ACCESS_KEY_ID", 1);
}

TEST_F(S3FaultsTest, AMissingBucketIsNamed) {
  store_ = StoreWith({}, "s3://no-such-bucket");
  ExpectError(store_->CheckWritable(), absl::StatusCode::kFailedPrecondition,
              "PUT s3://no-such-bucket/.ovi-write-check: HTTP 404 NoSuchBucket; create the bucket, or name another", 1);
  ExpectError(store_->Open(Key()).status(), absl::StatusCode::kFailedPrecondition, "NoSuchBucket", 1);
}

TEST_F(S3FaultsTest, ABucketThatCanBeWrittenToIsFine) {
  EXPECT_TRUE(store_->CheckWritable().ok());
  EXPECT_THAT(TakeLog(), SizeIs(2));
}

TEST_F(S3FaultsTest, ABusyServerIsAskedAgainAfterGrowingWaits) {
  Spoil("busy", "PUT", 3);
  ASSERT_TRUE(Store(Key(), "abc").ok());
  ASSERT_THAT(waits_, SizeIs(3));
  for (int i = 0; i < 3; ++i) {
    EXPECT_GE(waits_[static_cast<size_t>(i)], absl::Milliseconds(100) * (1 << i));
    EXPECT_LE(waits_[static_cast<size_t>(i)], absl::Milliseconds(200) * (1 << i));
  }
  EXPECT_EQ(*(*store_->Open(Key()))->Read(0, 3), "abc");
}

TEST_F(S3FaultsTest, AServerThatStaysBusyIsGivenUp) {
  Spoil("busy", "PUT", 100);
  const absl::Status status = Store(Key(), "abc").status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("HTTP 503 SlowDown; tried 8 times at http://127.0.0.1:"));
  ExpectError(status, absl::StatusCode::kUnavailable, "AWS_ENDPOINT_URL_S3", 8);
  EXPECT_EQ(LocalFiles(), 0u);
}

TEST_F(S3FaultsTest, AServerThatHangsUpIsAskedAgain) {
  Spoil("hang_up", "PUT", 2);
  ASSERT_TRUE(Store(Key(), Bytes(3 << 20)).ok());
  Spoil("cut", "GET", 2);
  auto reader = *store_->Open(Key());
  EXPECT_EQ(*reader->Read(0, 3 << 20), Bytes(3 << 20));
  EXPECT_THAT(TakeLog(), SizeIs(6));
}

TEST_F(S3FaultsTest, NobodyThereIsSaid) {
  store_ = StoreWith({{"AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1"}});
  ExpectError(store_->CheckWritable(), absl::StatusCode::kUnavailable, "tried 8 times at http://127.0.0.1:1: is it up",
              0);
}

TEST_F(S3FaultsTest, AnUntrustedCertificateIsRefused) {
  store_ = StoreWith({{"AWS_ENDPOINT_URL_S3", ProcessEnvironment("OVI_TEST_UNTRUSTED_URL")}});
  ExpectError(store_->CheckWritable(), absl::StatusCode::kFailedPrecondition, "authority that signed the certificate",
              0);
  EXPECT_THAT(waits_, SizeIs(0));
}

TEST_F(S3FaultsTest, ARedirectIsNotFollowed) {
  Spoil("redirect", "PUT", 1);
  ExpectError(Store(Key(), "abc").status(), absl::StatusCode::kFailedPrecondition, "HTTP 307", 1);
}

TEST_F(S3FaultsTest, AnAnswerIsNoLongerThanAskedFor) {
  ASSERT_TRUE(Store(Key(), "abc").ok());
  TakeLog();
  Spoil("endless", "GET", 1);
  ExpectError(store_->Open(Key()).status(), absl::StatusCode::kInternal, "longer than the 4194304 bytes", 1);
}

TEST_F(S3FaultsTest, APartThatIsRefusedAbortsTheUpload) {
  Spoil("refuse", "PUT", 1, "partNumber=2");
  const absl::Status status = Store(Key(), Bytes(kMultipartFromBytes)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
  const std::vector<std::string> log = TakeLog();
  ASSERT_THAT(log, SizeIs(4));
  EXPECT_THAT(log[3], testing::AllOf(testing::StartsWith("DELETE"), HasSubstr("?uploadId=")));
  EXPECT_EQ(store_->Open(Key()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(LocalFiles(), 0u);
}

TEST_F(S3FaultsTest, AnAnswerLostAtTheEndOfAnUploadDoesNotFailIt) {
  Spoil("lose_answer", "POST", 1, "uploadId=");
  Spoil("no_upload", "POST", 1, "uploadId=");  // as some servers say the second time; moto repeats itself
  const std::string clip = Bytes(kMultipartFromBytes);
  ASSERT_TRUE(Store(Key(), clip).ok());
  EXPECT_EQ(Sha256Of(*(*store_->Open(Key()))->Read(0, kMultipartFromBytes)), Sha256Of(clip));
}

TEST_F(S3FaultsTest, AnUploadThatIsGoneIsNotTakenForDone) {
  ASSERT_TRUE(Store(Key(), "another clip").ok());
  Spoil("no_upload", "POST", 1, "uploadId=");
  EXPECT_EQ(Store(Key(), Bytes(kMultipartFromBytes)).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(S3FaultsTest, AnErrorBehindA200IsAnError) {
  Spoil("error_in_200", "POST", 1, "uploadId=");
  ASSERT_TRUE(Store(Key(), Bytes(kMultipartFromBytes)).ok());
  EXPECT_TRUE(store_->Open(Key()).ok());
  EXPECT_THAT(waits_, SizeIs(1));
}

// Says stop some time after it was asked first: when the request that stalls is under way.
ShouldStop After(absl::Duration wait) {
  return [wait, until = absl::InfiniteFuture()]() mutable {
    until = std::min(until, absl::Now() + wait);
    return absl::Now() > until;
  };
}

TEST_F(S3FaultsTest, ACommitThatIsToldToStopDoesNotWaitForTheAnswer) {
  Spoil("stall", "PUT", 1);
  const absl::Time start = absl::Now();
  const absl::Status status = Store(Key(), "abc", After(absl::Milliseconds(300))).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_EQ(LocalFiles(), 0u);
  EXPECT_EQ(store_->Open(Key()).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(S3FaultsTest, ACommitInPartsThatIsToldToStopAbortsTheUpload) {
  Spoil("stall", "PUT", 1, "partNumber=2");
  const std::string clip = Bytes(kMultipartFromBytes);
  const absl::Time start = absl::Now();
  EXPECT_EQ(Store(Key(), clip, After(absl::Seconds(3))).status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  const std::vector<std::string> log = TakeLog();
  ASSERT_THAT(log, SizeIs(4)) << "begun, two parts, aborted";
  EXPECT_THAT(log[3], testing::AllOf(testing::StartsWith("DELETE"), HasSubstr("?uploadId=")));
}

TEST_F(S3FaultsTest, ACommitThatIsToldToStopDoesNotTryAgain) {
  Spoil("busy", "PUT", 100);
  EXPECT_EQ(Store(Key(), "abc", [this] { return waits_.size() >= 3; }).status().code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(TakeLog(), SizeIs(3));
}

TEST_F(S3FaultsTest, AnAbortThatIsNotAnsweredIsGivenUp) {
  Spoil("refuse", "PUT", 1, "partNumber=2");
  Spoil("stall", "DELETE", 1);
  const absl::Time start = absl::Now();
  EXPECT_EQ(Store(Key(), Bytes(kMultipartFromBytes)).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_LT(absl::Now() - start, absl::Seconds(12));
}

TEST_F(S3FaultsTest, ACommitThatTakesTooLongFailsAndSaysSo) {
  store_ = StoreWith({}, "s3://clips/some/prefix", RealClock(), absl::Milliseconds(300));
  Spoil("stall", "PUT", 1);
  const absl::Time start = absl::Now();
  const absl::Status status = Store(Key(), "abc").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  EXPECT_THAT(std::string(status.message()), HasSubstr("not done within 300ms"));
}

TEST_F(S3FaultsTest, APartThatNobodyAbortedIsAbortedLater) {
  const auto leave_one = [this](const std::string& key) {
    Spoil("refuse", "PUT", 1, "partNumber=2");
    Spoil("refuse", "DELETE", 1);
    ASSERT_FALSE(Store(key, Bytes(kMultipartFromBytes)).ok());
  };
  leave_one(Key("-ours"));
  leave_one(Key("-theirs"));
  TakeLog();
  const auto is_ours = [](const std::string& key) { return key == Key("-ours"); };
  ASSERT_TRUE(store_->RemoveUnfinished(absl::FromUnixSeconds(0), is_ours).ok());
  EXPECT_THAT(TakeLog(), SizeIs(1)) << "young ones stay";
  ASSERT_TRUE(store_->RemoveUnfinished(absl::Now(), is_ours).ok());
  const std::vector<std::string> log = TakeLog();
  ASSERT_THAT(log, SizeIs(2));
  EXPECT_THAT(log[1], testing::AllOf(testing::StartsWith("DELETE"), HasSubstr("-ours.mp4?uploadId=")));
  ASSERT_TRUE(store_->RemoveUnfinished(absl::Now(), is_ours).ok());
  EXPECT_THAT(TakeLog(), SizeIs(1)) << "it is gone";
}

TEST_F(S3FaultsTest, AListingThatIsNoneIsRefused) {
  Spoil("endless", "GET", 1);
  EXPECT_EQ(store_->List().status().code(), absl::StatusCode::kInternal);
  Spoil("busy", "GET", 100);
  EXPECT_EQ(store_->List().status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace ovi
