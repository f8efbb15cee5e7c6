#include "server/config/transport_flags.h"

#include <cstdint>
#include <string_view>

#include "absl/flags/flag.h"
#include "absl/strings/str_format.h"
#include "server/config/flag_checker.h"

ABSL_FLAG(int, max_message_bytes, 32 << 20, "the largest message accepted; a first frame must fit");
ABSL_FLAG(int64_t, max_transport_bytes, int64_t{512} << 20,
          "the most that all connections may hold of messages on their way; calls that want more are cut off; at least "
          "twice --max_message_bytes");
ABSL_FLAG(int, max_concurrent_streams, 4096, "the most calls at once on one connection; further ones wait");
ABSL_FLAG(absl::Duration, max_connection_age, absl::InfiniteDuration(),
          "a connection this old is asked to end, and clients make a new one by themselves; at least 1s; inf: never");
ABSL_FLAG(absl::Duration, max_connection_age_grace, absl::InfiniteDuration(),
          "how long its open calls may then go on before they are cut off; inf: to their end");
ABSL_FLAG(absl::Duration, max_connection_idle, absl::InfiniteDuration(),
          "a connection without a call for this long is closed; at least 1s; inf: never");
ABSL_FLAG(absl::Duration, keepalive_time, absl::Minutes(1),
          "after such a silence a client is asked whether it is there; at least 1s; inf: never");
ABSL_FLAG(absl::Duration, keepalive_timeout, absl::Seconds(20),
          "a client that does not answer for this long is gone; at least 1s");
ABSL_FLAG(absl::Duration, min_client_ping_interval, absl::Seconds(20),
          "a client that asks whether we are there more often than this is cut off");

namespace ovi {
namespace {

constexpr int kMinMessageBytes = 64 << 10;
constexpr int kMaxMessageBytes = 1 << 30;
constexpr int64_t kMaxTransportBytes = int64_t{1} << 40;
constexpr int kMaxStreams = 1'000'000;

}  // namespace

TransportLimits TransportFromFlags(FieldViolations& violations) {
  FlagChecker checker(violations);
  TransportLimits limits;
  limits.max_message_bytes = absl::GetFlag(FLAGS_max_message_bytes);
  checker.CheckRange("max_message_bytes", limits.max_message_bytes, kMinMessageBytes, kMaxMessageBytes);
  limits.max_transport_bytes = absl::GetFlag(FLAGS_max_transport_bytes);
  checker.CheckRange("max_transport_bytes", limits.max_transport_bytes, int64_t{2} * limits.max_message_bytes,
                     kMaxTransportBytes);
  limits.max_concurrent_streams = absl::GetFlag(FLAGS_max_concurrent_streams);
  checker.CheckRange("max_concurrent_streams", limits.max_concurrent_streams, 1, kMaxStreams);
  limits.max_connection_age = absl::GetFlag(FLAGS_max_connection_age);
  checker.CheckAtLeast("max_connection_age", limits.max_connection_age, absl::Seconds(1));
  limits.max_connection_age_grace = absl::GetFlag(FLAGS_max_connection_age_grace);
  checker.CheckAtLeast("max_connection_age_grace", limits.max_connection_age_grace, absl::ZeroDuration());
  limits.max_connection_idle = absl::GetFlag(FLAGS_max_connection_idle);
  checker.CheckAtLeast("max_connection_idle", limits.max_connection_idle, absl::Seconds(1));
  limits.keepalive_time = absl::GetFlag(FLAGS_keepalive_time);
  checker.CheckAtLeast("keepalive_time", limits.keepalive_time, absl::Seconds(1));
  limits.keepalive_timeout = absl::GetFlag(FLAGS_keepalive_timeout);
  checker.CheckAtLeast("keepalive_timeout", limits.keepalive_timeout, absl::Seconds(1));
  limits.min_client_ping_interval = absl::GetFlag(FLAGS_min_client_ping_interval);
  checker.CheckAtLeast("min_client_ping_interval", limits.min_client_ping_interval, absl::ZeroDuration());
  return limits;
}

}  // namespace ovi
