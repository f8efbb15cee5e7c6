// Errors as the API tells them (AIP-193): code, sentence, and in the trailers ErrorInfo{reason, domain, metadata},
// every violated field, when to try again.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace ovi {

// Trailers above 8 KB are lost with the error itself, so long texts are cut and violations beyond the space left out.
google::rpc::Status ToRpcStatus(const absl::Status& status);
grpc::Status ToGrpc(const absl::Status& status);

}  // namespace ovi
