#include "server/transport_limits.h"

#include <grpcpp/resource_quota.h>

#include <limits>
#include <string>

namespace ovi {
namespace {

void Set(grpc::ServerBuilder& builder, const char* argument, absl::Duration duration) {
  // gRPC's own infinity.
  constexpr int kForever = std::numeric_limits<int>::max();
  const int64_t milliseconds = absl::ToInt64Milliseconds(duration);
  builder.AddChannelArgument(argument, milliseconds >= kForever ? kForever : static_cast<int>(milliseconds));
}

}  // namespace

void TransportLimits::ApplyTo(grpc::ServerBuilder& builder) const {
  builder.SetMaxReceiveMessageSize(max_message_bytes);
  // gRPC reads a message whole before it looks at that limit, and before anybody is asked for a token.
  builder.SetResourceQuota(grpc::ResourceQuota("ovi").Resize(static_cast<size_t>(max_transport_bytes)));
  // gRPC holds a message to its limit when it is unpacked already: 300 kB would be 300 MB, of anybody. Prompts are
  // short and pictures compressed, so nothing is lost.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, max_concurrent_streams);
  Set(builder, GRPC_ARG_MAX_CONNECTION_AGE_MS, max_connection_age);
  Set(builder, GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, max_connection_age_grace);
  Set(builder, GRPC_ARG_MAX_CONNECTION_IDLE_MS, max_connection_idle);
  Set(builder, GRPC_ARG_KEEPALIVE_TIME_MS, keepalive_time);
  Set(builder, GRPC_ARG_KEEPALIVE_TIMEOUT_MS, keepalive_timeout);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  Set(builder, GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, min_client_ping_interval);
}

}  // namespace ovi
