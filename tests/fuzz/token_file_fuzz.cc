// A token file, which an operator wrote by hand. What is accepted can be written and read back to the same.
#include "server/access/token_file.h"
#include "tests/fuzz/readable_error.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<std::vector<ovi::TokenEntry>> entries = ovi::ParseTokenFile(text);
  if (!entries.ok()) {
    ovi::RequireReadable(entries.status());
    return 0;
  }
  std::string written;
  for (const ovi::TokenEntry& entry : *entries) {
    ovi::Require(entry.sha256.size() == 64, "a token has its hash");
    ovi::Require(ovi::IsPrincipalName(entry.principal.name), "a principal has a name");
    ovi::Require(!entry.principal.scopes.empty(), "a token has a scope");
    written += ovi::FormatTokenLine(entry) + "\n";
  }
  const absl::StatusOr<std::vector<ovi::TokenEntry>> again = ovi::ParseTokenFile(written);
  ovi::Require(again.ok() && *again == *entries, "what is written is read back");
  return 0;
}
