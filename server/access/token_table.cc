#include "server/access/token_table.h"

#include <openssl/crypto.h>

#include <utility>

#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/access/guarded_file.h"
#include "server/artifacts/sha256.h"

namespace ovi {

absl::StatusOr<std::unique_ptr<TokenTable>> TokenTable::Open(const std::string& path) {
  OVI_ASSIGN_OR_RETURN(GuardedFile file, ReadGuardedFile(path));
  absl::StatusOr<std::vector<TokenEntry>> entries = ParseTokenFile(file.text);
  if (!entries.ok()) {
    return absl::InvalidArgumentError(absl::StrFormat("%s: %s", path, std::string(entries.status().message())));
  }
  if (entries->empty()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: there is no token in it, so nobody could call; append what ovi-server --make_token=ada:submit,read prints",
        path));
  }
  if (file.others_can_read) {
    log::Warning("%s: everybody on this machine can read who may call; no token can be made from it, but chmod o= it",
                 path);
  }
  return std::unique_ptr<TokenTable>(
      new TokenTable(path, std::move(file.text), std::make_shared<const std::vector<TokenEntry>>(*std::move(entries))));
}

TokenTable::TokenTable(std::string path, std::string text, Entries entries)
    : path_(std::move(path)), text_(std::move(text)), entries_(std::move(entries)) {}

std::optional<Principal> TokenTable::Find(std::string_view token) const {
  Entries entries;
  {
    MutexLock lock(mutex_);
    entries = entries_;
  }
  const std::string sha256 = Sha256Of(token);
  const TokenEntry* found = nullptr;
  for (const TokenEntry& entry : *entries) {
    if (CRYPTO_memcmp(entry.sha256.data(), sha256.data(), sha256.size()) == 0) found = &entry;
  }
  return found == nullptr ? std::nullopt : std::optional(found->principal);
}

void TokenTable::Look() {
  MutexLock look(look_);
  absl::StatusOr<GuardedFile> file = ReadGuardedFile(path_);
  if (!file.ok()) return Complain(std::string(file.status().message()));
  if (file->text == text_) {
    seen_.reset();
    complaint_.clear();
    return;
  }
  if (seen_ != file->text) {
    seen_ = std::move(file->text);
    return;
  }
  text_ = *std::exchange(seen_, std::nullopt);
  absl::StatusOr<std::vector<TokenEntry>> entries = ParseTokenFile(text_);
  if (!entries.ok()) {
    return Complain(absl::StrFormat("%s: %s", path_, std::string(entries.status().message())));
  }
  complaint_.clear();
  log::Info("%s has changed: %d tokens are known now", path_, entries->size());
  MutexLock lock(mutex_);
  entries_ = std::make_shared<const std::vector<TokenEntry>>(*std::move(entries));
}

void TokenTable::Complain(const std::string& why) {
  seen_.reset();
  if (why == complaint_) return;
  complaint_ = why;
  log::Error("%s; the tokens stay as they were", why);
}

}  // namespace ovi
