// What clients may take by their connections, and how long these may live.
#pragma once

#include <grpcpp/server_builder.h>

#include <cstdint>

#include "absl/time/time.h"

namespace ovi {

// Infinite: no limit.
struct TransportLimits {
  int max_message_bytes = 32 << 20;  // a request's; a first frame must fit
  // What gRPC may hold of all connections together, on its way in or out; it cuts calls off that want more.
  int64_t max_transport_bytes = int64_t{512} << 20;
  int max_concurrent_streams = 4096;  // calls at once on one connection; a client makes further ones wait
  // A connection this old is asked to end: no new call begins on it, and after the grace those that are open are cut
  // off.
  absl::Duration max_connection_age = absl::InfiniteDuration();
  absl::Duration max_connection_age_grace = absl::InfiniteDuration();
  absl::Duration max_connection_idle = absl::InfiniteDuration();  // without a call
  // Watching takes hours: this often we ask whether a silent client is still there, wait that long for its answer, and
  // allow it to ask us no more often than that.
  absl::Duration keepalive_time = absl::Minutes(1);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  absl::Duration min_client_ping_interval = absl::Seconds(20);

  void ApplyTo(grpc::ServerBuilder& builder) const;
};

}  // namespace ovi
