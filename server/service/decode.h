// Reads a request's bytes ourselves where text of people is in them: gRPC answers bytes it cannot read with INTERNAL
// and no word about which field it was.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/status/status.h"

namespace ovi {

// InvalidArgument: INVALID_UTF8, naming every string that is not UTF-8, or MALFORMED_MESSAGE.
absl::Status Decode(const grpc::ByteBuffer& bytes, google::protobuf::Message& message);

}  // namespace ovi
