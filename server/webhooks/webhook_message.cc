#include "server/webhooks/webhook_message.h"

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "base/field_violations.h"
#include "server/artifacts/sha256.h"

namespace ovi {
namespace {

using Json = nlohmann::ordered_json;

std::string TimeText(absl::Time time) { return absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone()); }

void AddTime(Json& json, const char* name, const std::optional<absl::Time>& time) {
  if (time.has_value()) json[name] = TimeText(*time);
}

}  // namespace

std::string WebhookBody(const Job& job) {
  const std::string name = "jobs/" + job.id.value();
  Json out = {{"name", name}, {"uid", job.uid}, {"state", std::string(JobStateName(job.state))}};
  if (!job.spec.labels.empty()) out["labels"] = job.spec.labels;
  out["createTime"] = TimeText(job.create_time);
  AddTime(out, "startTime", job.start_time);
  AddTime(out, "endTime", job.end_time);
  AddTime(out, "expireTime", job.expire_time);
  if (!job.error.ok()) {
    out["error"] = {{"code", absl::StatusCodeToString(job.error.code())},
                    {"reason", std::string(ReasonOf(job.error))},
                    {"message", std::string(job.error.message())}};
  }
  if (job.artifact.has_value()) {
    // 64-bit numbers are text, as in the API's JSON.
    out["artifact"] = {{"name", name + "/artifact"},
                       {"mediaType", job.artifact->clip.media_type},
                       {"sizeBytes", absl::StrFormat("%d", job.artifact->file.size_bytes)},
                       {"sha256", job.artifact->file.sha256},
                       {"uri", job.artifact->file.uri}};
  }
  const Json body = {{"event", "job.ended"}, {"deliveryId", job.uid}, {"job", out}};
  // An engine's message need not be UTF-8; a body that cannot be made would be worse than one with a mark in it.
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string WebhookSignature(std::string_view secret, absl::Time now, std::string_view body) {
  const std::string time = absl::StrFormat("%d", absl::ToUnixSeconds(now));
  return absl::StrFormat("t=%s,v1=%s", time,
                         absl::BytesToHexString(HmacSha256(secret, absl::StrFormat("%s.%s", time, body))));
}

HttpHeaders WebhookHeaders(const Job& job, int64_t attempt, absl::Time now, std::string_view body,
                           std::string_view agent) {
  HttpHeaders headers = {{"content-type", "application/json"},
                         {"user-agent", std::string(agent)},
                         {"x-ovi-delivery", job.uid},
                         {"x-ovi-attempt", absl::StrFormat("%d", attempt)}};
  const std::string& secret = job.spec.webhook->secret;
  if (!secret.empty()) headers.emplace_back("x-ovi-signature", WebhookSignature(secret, now, body));
  return headers;
}

}  // namespace ovi
