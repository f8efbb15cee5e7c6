// The text of a token file: one token a line, by its SHA-256, with whom it belongs to and what it allows.
//
//   # fields are separated by spaces; the last two lines are one principal's old and new token
//   sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 ada submit,read max_queued=10
//   sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752 bob read_all
//   sha256:fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13 bob read_all
//
// After the scopes may stand max_queued=, submit_rate_per_minute= and submit_burst=, which replace the flags of the
// server for that principal. A token is 256 random bits, so no salt and no slow hash is needed: there is nothing to
// guess that a dictionary would hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/access/principal.h"

namespace ovi {

struct TokenEntry {
  std::string sha256;  // of the token, 64 lower-case hexadecimal digits
  Principal principal;
  bool operator==(const TokenEntry&) const = default;
};

// A file without a token in it has no entries. InvalidArgument, naming the number of each line that is wrong and why,
// but never what stands in it: somebody may have put a token there.
absl::StatusOr<std::vector<TokenEntry>> ParseTokenFile(std::string_view text);

// `entry` as a line, without the newline.
std::string FormatTokenLine(const TokenEntry& entry);

}  // namespace ovi
