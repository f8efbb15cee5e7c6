#include "server/config/retention_flags.h"

#include <unistd.h>

#include <cmath>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "server/config/flag_checker.h"
#include "server/jobs/job_store.h"

ABSL_FLAG(absl::Duration, default_ttl, absl::ZeroDuration(),
          "how long record and clip of a job that names no ttl are kept after its end, such as 168h; 0: for ever");
ABSL_FLAG(double, max_storage_gb, 0,
          "refuse jobs whose clip might not fit beside those that are stored or expected, in GB of 10^9 bytes; 0: no "
          "limit but the disk's own");
ABSL_FLAG(bool, webhook_allow_private, false,
          "let webhooks of jobs lead to this machine and to private networks, which clients may not reach themselves");
ABSL_FLAG(std::string, webhook_ca_file, "",
          "PEM file of the authorities that sign the certificates of webhooks' hosts; empty: the system's");
ABSL_FLAG(absl::Duration, webhook_first_wait, absl::Seconds(10),
          "wait after the first try of a webhook that failed; doubled each time up to 1h, 20 tries in all");

namespace ovi {
namespace {

constexpr double kBytesPerGb = 1e9;
constexpr double kMaxStorageGb = 1e9;
constexpr absl::Duration kMaxTtl = absl::Hours(24 * 36500);

}  // namespace

RetentionConfig RetentionFromFlags(FieldViolations& violations) {
  FlagChecker checker(violations);
  RetentionConfig config;
  const absl::Duration ttl = absl::GetFlag(FLAGS_default_ttl);
  checker.CheckRange("default_ttl", ttl, absl::ZeroDuration(), kMaxTtl);
  if (ttl > absl::ZeroDuration()) config.default_ttl = ttl;

  const double gigabytes = absl::GetFlag(FLAGS_max_storage_gb);
  config.max_storage_bytes = QueueLimits::kNone;
  if (!(gigabytes >= 0 && gigabytes <= kMaxStorageGb)) {
    checker.Refuse("max_storage_gb", absl::StrFormat("is %g; take 0 (no limit) to %g", gigabytes, kMaxStorageGb));
  } else if (gigabytes > 0) {
    config.max_storage_bytes = std::llround(gigabytes * kBytesPerGb);
  }

  if (absl::GetFlag(FLAGS_webhook_allow_private)) config.webhooks.private_addresses = PrivateAddresses::kAllowed;
  config.webhooks.ca_file = absl::GetFlag(FLAGS_webhook_ca_file);
  if (!config.webhooks.ca_file.empty() && access(config.webhooks.ca_file.c_str(), R_OK) != 0) {
    checker.Refuse("webhook_ca_file", absl::StrFormat("is '%s', which cannot be read; name a PEM file",
                                                      log::Escaped(config.webhooks.ca_file)));
  }
  config.webhooks.first_wait = absl::GetFlag(FLAGS_webhook_first_wait);
  checker.CheckRange("webhook_first_wait", config.webhooks.first_wait, absl::Milliseconds(100), absl::Hours(1));
  return config;
}

}  // namespace ovi
