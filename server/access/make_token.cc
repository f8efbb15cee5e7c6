#include "server/access/make_token.h"

#include <openssl/rand.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/access/token_file.h"
#include "server/artifacts/sha256.h"

namespace ovi {
namespace {

// Lets people and scanners for leaked secrets know one when they see it.
constexpr std::string_view kPrefix = "ovi_";
constexpr size_t kRandomBytes = 32;

}  // namespace

absl::StatusOr<NewToken> MakeToken(std::string_view whom) {
  TokenEntry entry;
  const size_t colon = whom.rfind(':');
  entry.principal.name = std::string(whom.substr(0, colon));
  if (colon == std::string_view::npos || !IsPrincipalName(entry.principal.name)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "'%s' is not PRINCIPAL:SCOPES, like ada:submit,read; a principal is 1 to 128 of letters, digits "
        "and . _ - @ : / + =",
        log::Escaped(whom)));
  }
  OVI_ASSIGN_OR_RETURN(entry.principal.scopes, ParseScopes(whom.substr(colon + 1)));
  std::string random(kRandomBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(random.data()), kRandomBytes) != 1) {
    return absl::InternalError("the system gives no random numbers");
  }
  const std::string token = absl::StrFormat("%s%s", kPrefix, std::string(absl::BytesToHexString(random)));
  entry.sha256 = Sha256Of(token);
  return NewToken{.token = token, .line = FormatTokenLine(entry)};
}

}  // namespace ovi
