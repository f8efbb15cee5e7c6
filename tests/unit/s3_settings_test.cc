#include "server/artifacts/s3/s3_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace ovi {
namespace {

using Variables = std::map<std::string, std::string>;

absl::StatusOr<S3Settings> Read(const Variables& changed, const std::string& address = "s3://clips/ovi") {
  Variables all = {
      {"AWS_ACCESS_KEY_ID", "AKEXAMPLE"}, {"AWS_SECRET_ACCESS_KEY", "secretexample"}, {"AWS_REGION", "eu-west-1"}};
  for (const auto& [name, value] : changed) all[name] = value;
  return ReadS3Settings(address, [&](const char* name) { return all[name]; });
}

TEST(S3SettingsTest, AwsIsTheDefault) {
  const S3Settings settings = *Read({{"AWS_SESSION_TOKEN", "token"}});
  EXPECT_EQ(settings.credentials.access_key_id, "AKEXAMPLE");
  EXPECT_EQ(settings.credentials.secret_access_key, "secretexample");
  EXPECT_EQ(settings.credentials.session_token, "token");
  EXPECT_EQ(settings.region, "eu-west-1");
  EXPECT_EQ(settings.base_url, "https://clips.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(settings.host, "clips.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(settings.path_prefix, "/");
  EXPECT_EQ(settings.key_prefix, "ovi/");
}

TEST(S3SettingsTest, AnEndpointOfOnesOwnHasTheBucketInThePath) {
  const S3Settings settings = *Read({{"AWS_REGION", ""}, {"AWS_ENDPOINT_URL", "http://127.0.0.1:9000/"}});
  EXPECT_EQ(settings.region, "us-east-1");
  EXPECT_EQ(settings.base_url, "http://127.0.0.1:9000");
  EXPECT_EQ(settings.host, "127.0.0.1:9000");
  EXPECT_EQ(settings.path_prefix, "/clips/");
}

TEST(S3SettingsTest, TheNarrowerVariableWins) {
  EXPECT_EQ(Read({{"AWS_ENDPOINT_URL", "https://all.example"}, {"AWS_ENDPOINT_URL_S3", "https://s3.example"}})->host,
            "s3.example");
  EXPECT_EQ(Read({{"AWS_DEFAULT_REGION", "us-west-2"}})->region, "eu-west-1");
  EXPECT_EQ(Read({{"AWS_REGION", ""}, {"AWS_DEFAULT_REGION", "us-west-2"}})->region, "us-west-2");
}

TEST(S3SettingsTest, AddressingCanBeChosen) {
  EXPECT_EQ(Read({{"OVI_S3_ADDRESSING", "path"}})->base_url, "https://s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(Read({{"AWS_ENDPOINT_URL_S3", "https://s3.example"}, {"OVI_S3_ADDRESSING", "virtual"}})->base_url,
            "https://clips.s3.example");
  EXPECT_EQ(Read({}, "s3://my.clips")->path_prefix, "/my.clips/");
}

TEST(S3SettingsTest, ThePortOfTheSchemeIsNotPartOfTheHost) {
  EXPECT_EQ(Read({{"AWS_ENDPOINT_URL_S3", "https://s3.example:443"}})->host, "s3.example");
  EXPECT_EQ(Read({{"AWS_ENDPOINT_URL_S3", "http://s3.example:80"}})->host, "s3.example");
  EXPECT_EQ(Read({{"AWS_ENDPOINT_URL_S3", "http://s3.example:443"}})->host, "s3.example:443");
}

TEST(S3SettingsTest, AddressesNameABucketAndMaybeAPrefix) {
  EXPECT_EQ(Read({}, "s3://clips")->key_prefix, "");
  EXPECT_EQ(Read({}, "s3://clips/")->key_prefix, "");
  EXPECT_EQ(Read({}, "s3://clips/a/b//")->key_prefix, "a/b/");
  for (const char* address : {"s3://", "s3:///a", "clips", "s3://a b/c", "s3://.a.", "s3://ab", "https://clips"}) {
    EXPECT_EQ(Read({}, address).status().code(), absl::StatusCode::kInvalidArgument) << address;
  }
}

// Seen failing: with the value in the text of CheckCredentials, and with each check left out.
TEST(S3SettingsTest, ErrorsNameTheVariableAndNoSecret) {
  const struct {
    const char *name, *value, *said;
  } table[] = {
      {"AWS_ACCESS_KEY_ID", "", "AWS_ACCESS_KEY_ID is not set"},
      {"AWS_SECRET_ACCESS_KEY", "", "AWS_SECRET_ACCESS_KEY is not set"},
      {"AWS_SECRET_ACCESS_KEY", "sesame\n", "AWS_SECRET_ACCESS_KEY holds"},
      {"AWS_SESSION_TOKEN", "ses ame", "AWS_SESSION_TOKEN holds"},
      {"AWS_REGION", "", "AWS_REGION is not set"},
      {"AWS_REGION", "eu/../", "AWS_REGION is 'eu/../'"},
      {"OVI_S3_ADDRESSING", "dns", "OVI_S3_ADDRESSING is 'dns'; use path or virtual"},
      {"AWS_ENDPOINT_URL_S3", "minio:9000", "AWS_ENDPOINT_URL_S3 is not http:// or https://"},
      {"AWS_ENDPOINT_URL_S3", "https://root:sesame@minio", "AWS_ENDPOINT_URL_S3 is not"},
      {"AWS_ENDPOINT_URL", "http://minio:", "AWS_ENDPOINT_URL is not"},
      {"AWS_ENDPOINT_URL", "http://minio/path", "AWS_ENDPOINT_URL is not"},
      {"AWS_ENDPOINT_URL", "ftp://minio", "AWS_ENDPOINT_URL is not"},
  };
  for (const auto& row : table) {
    const absl::Status status = Read({{row.name, row.value}}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << row.name << "=" << row.value;
    EXPECT_THAT(std::string(status.message()), testing::HasSubstr(row.said));
    EXPECT_THAT(std::string(status.message()), testing::Not(testing::ContainsRegex("ses ?ame")));
  }
}

}  // namespace
}  // namespace ovi
