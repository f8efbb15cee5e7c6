// A submission of the API as values: what was asked, checked as far as that needs no engine.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/engine.h"
#include "ovi/v1/job.pb.h"
#include "server/jobs/job.h"
#include "server/webhooks/webhook_uri.h"

namespace ovi {

// What this server takes of a request.
struct SpecRules {
  int64_t max_image_bytes = std::numeric_limits<int64_t>::max();  // a larger first frame is refused unread
  PrivateAddresses webhook_addresses = PrivateAddresses::kRefused;
};

// `job` as a client wrote it into a request, as a job that can be queued: options checked, the clip resolved by
// `engine`. Output-only fields are not read. Fields are named from the request on: "job.request.steps". Errors:
// InvalidArgument with every violated field; NotFound (checkpoint).
absl::StatusOr<JobSpec> SpecFromProto(const v1::Job& job, const Engine& engine, const SpecRules& rules = {});

// InvalidArgument if `request_id` is neither empty nor a UUID.
absl::Status CheckRequestId(std::string_view request_id);

}  // namespace ovi
