// Reads the addresses of a bucket and of an S3 server, and says what is wrong with one.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ovi {

struct S3Location {
  std::string bucket;
  std::string key_prefix;  // empty, or ends with '/'
};

// Whether `text` is an address in S3, and not a folder.
bool IsS3Address(std::string_view text);

// s3://bucket, s3://bucket/some/prefix. InvalidArgument shows the address and the form.
absl::StatusOr<S3Location> ParseS3Location(std::string_view address);

struct Endpoint {
  std::string scheme;  // http or https
  std::string host;    // with a port only where it is not the scheme's own, as the Host header has it
};

// http://127.0.0.1:9000. InvalidArgument names the variable `name`; a user or a password in it is not repeated.
absl::StatusOr<Endpoint> ParseEndpoint(const std::string& name, std::string_view url);

// Letters, digits, '.', '-' and '_' only.
bool IsHostName(std::string_view text);
// No blanks and no control characters: what may stand in a header as it is.
bool IsPrintableWord(std::string_view text);

}  // namespace ovi
