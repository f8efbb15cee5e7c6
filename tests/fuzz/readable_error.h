// An error as a client receives it.
#pragma once

#include "absl/status/status.h"
#include "server/service/to_grpc.h"
#include "tests/fuzz/require.h"

namespace ovi {

// The trailer is a message whose strings must be UTF-8 and which must stay below what transports carry: with one of
// them broken a client sees neither reason nor field.
inline void RequireReadable(const absl::Status& status) {
  constexpr size_t kMostTrailerBytes = 8 << 10;
  const std::string bytes = ToRpcStatus(status).SerializeAsString();
  google::rpc::Status read;
  Require(read.ParseFromString(bytes), "the error's trailer can be read");
  Require(bytes.size() <= kMostTrailerBytes, "the error's trailer fits");
}

}  // namespace ovi
