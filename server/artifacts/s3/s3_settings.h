// Where the bucket is and who we are there, from the flag's s3:// address and the environment that other S3 tools read.
//
//   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY   must be set
//   AWS_SESSION_TOKEN                          with temporary credentials
//   AWS_REGION, else AWS_DEFAULT_REGION        must be set for AWS; us-east-1 at an endpoint of one's own
//   AWS_ENDPOINT_URL_S3, else AWS_ENDPOINT_URL https://minio.example.org:9000; else AWS
//   OVI_S3_ADDRESSING                          path or virtual (the bucket in the path, or in the host name); else path
//                                              at an endpoint of one's own and for a bucket with a dot, as a wildcard
//                                              certificate does not cover one
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/artifacts/s3/sigv4.h"

namespace ovi {

// The value of a variable; empty if it is not set.
using Environment = std::function<std::string(const char* name)>;
std::string ProcessEnvironment(const char* name);

struct S3Settings {
  S3Credentials credentials;
  std::string region;
  std::string bucket;
  std::string key_prefix;   // empty, or ends with '/'
  std::string base_url;     // scheme and host, without a path: "https://clips.s3.eu-central-1.amazonaws.com"
  std::string host;         // of base_url, as the Host header has it
  std::string path_prefix;  // before the key: "/", or "/bucket/"
};

// `address` is s3://bucket or s3://bucket/prefix. InvalidArgument names the variable; secrets are in no error.
absl::StatusOr<S3Settings> ReadS3Settings(std::string_view address, const Environment& environment);

}  // namespace ovi
