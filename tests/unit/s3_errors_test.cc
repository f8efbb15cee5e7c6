#include "server/artifacts/s3/s3_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace ovi {
namespace {

HttpResponse Answer(int status, const std::string& code, const std::string& message = "") {
  return {.status = status,
          .headers = {},
          .body = "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>"};
}

// Seen failing: with the table passed over, and with MeaningOf answering Internal.
TEST(S3ErrorsTest, EachCauseHasItsCodeAndRemedy) {
  using absl::StatusCode;
  const struct {
    HttpResponse answer;
    StatusCode code;
    const char* said;
  } table[] = {
      {Answer(403, "InvalidAccessKeyId"), StatusCode::kPermissionDenied, "check AWS_ACCESS_KEY_ID"},
      {Answer(403, "SignatureDoesNotMatch"), StatusCode::kPermissionDenied, "check AWS_SECRET_ACCESS_KEY"},
      {Answer(400, "ExpiredToken"), StatusCode::kPermissionDenied, "renew AWS_SESSION_TOKEN"},
      {Answer(403, "AccessDenied"), StatusCode::kPermissionDenied, "s3:PutObject"},
      {Answer(403, "RequestTimeTooSkewed"), StatusCode::kFailedPrecondition, "clock"},
      {Answer(404, "NoSuchBucket"), StatusCode::kFailedPrecondition, "create the bucket"},
      {Answer(400, "AuthorizationHeaderMalformed"), StatusCode::kFailedPrecondition, "AWS_REGION"},
      {Answer(404, "NoSuchKey"), StatusCode::kNotFound, "HTTP 404 NoSuchKey"},
      {Answer(403, "QuotaExceeded"), StatusCode::kResourceExhausted, "free some space"},
      {Answer(507, "XMinioStorageFull"), StatusCode::kResourceExhausted, "free some space"},
      {Answer(400, "RequestTimeout"), StatusCode::kUnavailable, "RequestTimeout"},
      {Answer(200, "InternalError"), StatusCode::kUnavailable, "InternalError"},
      {Answer(418, "Teapot", "short &amp; stout"), StatusCode::kInternal, "418 Teapot (short & stout)"},
      {{.status = 403, .headers = {}, .body = ""}, StatusCode::kPermissionDenied, "HTTP 403"},
      {{.status = 404, .headers = {}, .body = ""}, StatusCode::kNotFound, "HTTP 404"},
      {{.status = 429, .headers = {}, .body = ""}, StatusCode::kUnavailable, "HTTP 429"},
      {{.status = 503, .headers = {}, .body = "<html>"}, StatusCode::kUnavailable, "HTTP 503"},
      {{.status = 307, .headers = {}, .body = ""}, StatusCode::kFailedPrecondition, "HTTP 307"},
  };
  for (const auto& row : table) {
    const absl::Status status = S3Status(row.answer, "PUT s3://clips/a.mp4");
    EXPECT_EQ(status.code(), row.code) << status;
    EXPECT_THAT(std::string(status.message()), testing::StartsWith("PUT s3://clips/a.mp4: HTTP "));
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(row.said));
  }
}

TEST(S3ErrorsTest, AnAnswerOf200CanCarryAnError) {
  EXPECT_FALSE(Succeeded({.method = "POST", .url = "", .headers = {}, .body = ""}, Answer(200, "InternalError")));
  EXPECT_TRUE(Succeeded({.method = "GET", .url = "", .headers = {}, .body = ""}, Answer(200, "a clip, by chance")));
}

TEST(S3ErrorsTest, TheRegionOfTheBucketIsPassedOn) {
  HttpResponse answer = Answer(301, "PermanentRedirect");
  answer.headers["x-amz-bucket-region"] = "eu-west-1";
  EXPECT_THAT(std::string(S3Status(answer, "PUT").message()), testing::HasSubstr("bucket's region (eu-west-1)"));
}

TEST(S3ErrorsTest, WhatIsNotXmlHasNoText) {
  EXPECT_EQ(XmlText("", "Code"), "");
  EXPECT_EQ(XmlText("<Code>never closed", "Code"), "");
  EXPECT_EQ(XmlText("<UploadId>a&amp;lt;</UploadId>", "UploadId"), "a&lt;");
}

}  // namespace
}  // namespace ovi
