// What a webhook is told: the request's body and its headers. Pure.
//
//   POST, Content-Type: application/json
//   X-Ovi-Delivery: the job's uid, the same for every try: whoever saw it has been told already
//   X-Ovi-Attempt: 1, 2, ...
//   X-Ovi-Signature: t=SECONDS,v1=HEX   with a secret: HMAC-SHA256 of "SECONDS.BODY", SECONDS since 1970
//
//   {"event": "job.ended", "deliveryId": "...", "job": {"name": "jobs/...", "uid": "...", "state": "SUCCEEDED",
//    "labels": {...}, "createTime": "...", "startTime": "...", "endTime": "...", "expireTime": "...",
//    "error": {"code": "INTERNAL", "reason": "...", "message": "..."},
//    "artifact": {"name": "jobs/.../artifact", "mediaType": "...", "sizeBytes": "...", "sha256": "...", "uri": "..."}}}
//
// Fields are named as the API's JSON names them; what does not apply is absent. The prompt is not in it.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "server/http/headers.h"
#include "server/jobs/job.h"

namespace ovi {

// Of a job that has ended.
std::string WebhookBody(const Job& job);

// "t=1700000000,v1=5257a8...".
std::string WebhookSignature(std::string_view secret, absl::Time now, std::string_view body);

// `attempt` counts from 1; `agent` is a User-Agent.
HttpHeaders WebhookHeaders(const Job& job, int64_t attempt, absl::Time now, std::string_view body,
                           std::string_view agent);

}  // namespace ovi
