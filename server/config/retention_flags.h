// The flags about what becomes of jobs after their end.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "base/field_violations.h"
#include "server/webhooks/webhook_courier.h"

namespace ovi {

struct RetentionConfig {
  std::optional<absl::Duration> default_ttl;  // absent: for ever
  int64_t max_storage_bytes = 0;              // QueueLimits::kNone: no limit
  WebhookOptions webhooks;
};

// The flags as they are now. What is wrong is added to `violations`, each with its remedy.
RetentionConfig RetentionFromFlags(FieldViolations& violations);

}  // namespace ovi
