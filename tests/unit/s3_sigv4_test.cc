#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "server/artifacts/s3/sigv4.h"

namespace ovi {
namespace {

// What botocore signs, at one frozen time: tests/data/s3/make_vectors.py.
class S3SigV4Test : public testing::Test {
 protected:
  S3SigV4Test() {
    std::ifstream(OVI_SOURCE_DIR "/tests/data/s3/sigv4_vectors.json") >> vectors_;
    std::string error;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, vectors_["now"].get<std::string>(), &now_, &error)) << error;
  }

  static S3Request RequestOf(const nlohmann::json& vector) {
    return {.method = vector.value("method", "GET"),
            .host = vector["host"],
            .path = vector["path"],
            .query = vector["query"].get<QueryParameters>(),
            .headers = vector.value("headers", HttpHeaders())};
  }

  SigningScope ScopeOf(const nlohmann::json& vector) const {
    return {.credentials = {.access_key_id = vectors_["access_key_id"],
                            .secret_access_key = vectors_["secret_access_key"],
                            .session_token = vector["session_token"]},
            .region = vector["region"],
            .now = now_};
  }

  nlohmann::json vectors_;
  absl::Time now_;
};

// Seen failing in both forms: 14 vectors with blanks of a header kept, 8 with '~' encoded, 7 without the session token
// among what is signed, 4 with the query as it came.
// headers.
TEST_F(S3SigV4Test, HeadersAreSignedAsBotocoreSignsThem) {
  ASSERT_GE(vectors_["headers"].size(), 25u);
  for (const nlohmann::json& vector : vectors_["headers"]) {
    const HttpHeaders headers = SignHeaders(RequestOf(vector), vector["payload_sha256"], ScopeOf(vector));
    EXPECT_THAT(headers, testing::Contains(testing::Pair("authorization", vector["authorization"].get<std::string>())))
        << vector["name"];
  }
}

TEST_F(S3SigV4Test, PresignedQueriesAreBotocores) {
  ASSERT_GE(vectors_["presigned"].size(), 16u);
  for (const nlohmann::json& vector : vectors_["presigned"]) {
    const std::string query =
        PresignQuery(RequestOf(vector), absl::Seconds(vector["expires"].get<int64_t>()), ScopeOf(vector));
    // Its order of parameters is another: only the signed text is sorted there.
    const std::vector<std::string> ours = absl::StrSplit(query, '&');
    const std::vector<std::string> theirs = absl::StrSplit(vector["encoded_query"].get<std::string>(), '&');
    EXPECT_THAT(ours, testing::UnorderedElementsAreArray(theirs)) << vector["name"];
  }
}

TEST_F(S3SigV4Test, PathsAreEncodedAsBotocoreSendsThem) {
  for (const char* form : {"headers", "presigned"}) {
    for (const nlohmann::json& vector : vectors_[form]) {
      EXPECT_EQ(EncodeUriPath(vector["path"].get<std::string>()), vector["encoded_path"]) << vector["name"];
    }
  }
}

TEST(EncodeQueryTest, SortsByTheEncodedNameAndKeepsAnEqualsSign) {
  EXPECT_EQ(EncodeQuery({{"uploads", ""}, {"B", "2 3"}, {"a", "+"}}), "B=2%203&a=%2B&uploads=");
}

}  // namespace
}  // namespace ovi
