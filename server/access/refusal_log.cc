#include "server/access/refusal_log.h"

#include <utility>

#include "base/log.h"

namespace ovi {

bool RefusalLog::Note(std::string_view peer, std::string_view reason) {
  int64_t before = 0;
  {
    MutexLock lock(mutex_);
    const absl::Duration now = clock_.Elapsed();
    if (last_.has_value() && now - *last_ < kRefusalLogInterval) {
      ++untold_;
      return false;
    }
    last_ = now;
    before = std::exchange(untold_, 0);
  }
  log::Warning("a call of %s was refused: %s; %d more since the last such line", peer, reason, before);
  return true;
}

}  // namespace ovi
