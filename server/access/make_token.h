// A new token and its line of the token file.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ovi {

struct NewToken {
  std::string token;  // "ovi_" and 64 hexadecimal digits: shown once, kept by its owner alone
  std::string line;   // for the token file
};

// `whom` is PRINCIPAL:SCOPES, like "ada:submit,read"; a principal may have colons of its own. InvalidArgument if it is
// not; Internal if the system gives no random numbers.
absl::StatusOr<NewToken> MakeToken(std::string_view whom);

}  // namespace ovi
