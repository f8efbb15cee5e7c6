// The tokens of a file that may change under way. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "server/access/token_file.h"

namespace ovi {

class TokenTable {
 public:
  // InvalidArgument if the file is damaged or has no token, and the errors of ReadGuardedFile.
  static absl::StatusOr<std::unique_ptr<TokenTable>> Open(const std::string& path);

  // Whose token it is. Takes as long for a wrong one as for a right one.
  std::optional<Principal> Find(std::string_view token) const;

  // Looks at the file. A change counts when two looks saw the same, so that a file half written is not taken for whole.
  // A file without tokens lets nobody in; one that is damaged or gone leaves the tokens as they were, and the log says
  // so, once.
  void Look();

 private:
  using Entries = std::shared_ptr<const std::vector<TokenEntry>>;

  TokenTable(std::string path, std::string text, Entries entries);
  void Complain(const std::string& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(look_);

  const std::string path_;
  Mutex look_;                                              // one look at a time; taken before mutex_
  std::string text_ ABSL_GUARDED_BY(look_);                 // in use, or refused already
  std::optional<std::string> seen_ ABSL_GUARDED_BY(look_);  // something else, seen once
  std::string complaint_ ABSL_GUARDED_BY(look_);
  mutable Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ovi
