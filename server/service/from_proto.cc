#include "server/service/from_proto.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "server/artifacts/sha256.h"
#include "server/service/clip_from_proto.h"
#include "server/service/enums.h"

namespace ovi {
namespace {

constexpr int kMaxLabels = 64;
constexpr size_t kMaxLabelLength = 63;
// Of a wrong value, as much as an error repeats.
constexpr size_t kShown = 80;

bool IsLabelKey(std::string_view key) {
  return !key.empty() && key.size() <= kMaxLabelLength && key[0] >= 'a' && key[0] <= 'z' &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return absl::ascii_islower(static_cast<unsigned char>(c)) ||
                  absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '_' || c == '-';
         });
}

void CheckLabels(const std::map<std::string, std::string>& labels, FieldViolations& violations) {
  if (labels.size() > kMaxLabels) {
    violations.Add("job.labels", "TOO_MANY_LABELS",
                   absl::StrFormat("job.labels has %d entries; %d are allowed", labels.size(), kMaxLabels));
  }
  for (const auto& [key, value] : labels) {
    if (!IsLabelKey(key)) {
      violations.Add(
          "job.labels", "INVALID_LABEL_KEY",
          absl::StrFormat("job.labels has the key '%s'; a key is 1 to %d of [a-z0-9_-] and starts with a letter",
                          log::Escaped(key.substr(0, kShown)), kMaxLabelLength));
    }
    if (value.size() > kMaxLabelLength) {
      violations.Add("job.labels", "LABEL_TOO_LONG",
                     absl::StrFormat("job.labels['%s'] has %d bytes; %d are allowed",
                                     log::Escaped(key.substr(0, kShown)), value.size(), kMaxLabelLength));
    }
  }
}

std::optional<absl::Duration> Timeout(bool present, const google::protobuf::Duration& timeout, std::string_view field,
                                      FieldViolations& violations) {
  if (!present) return std::nullopt;
  const absl::Duration duration = absl::Seconds(timeout.seconds()) + absl::Nanoseconds(timeout.nanos());
  if (duration <= absl::ZeroDuration()) {
    violations.Add(
        field, "INVALID_TIMEOUT",
        absl::StrFormat("%s is %s; ask for more than 0 s, or leave it out", field, absl::FormatDuration(duration)));
  }
  return duration;
}

JobPriority PriorityOf(const v1::Job& job, FieldViolations& violations) {
  if (job.priority() == v1::Job::PRIORITY_UNSPECIFIED) return JobPriority::kNormal;
  const std::optional<JobPriority> priority = FromProto(job.priority());
  if (!priority.has_value()) {
    violations.Add("job.priority", "INVALID_PRIORITY",
                   absl::StrFormat("job.priority is %d; use LOW, NORMAL or HIGH, or leave it out for NORMAL",
                                   static_cast<int>(job.priority())));
  }
  return priority.value_or(JobPriority::kNormal);
}

// One that is too large goes no further.
void CheckImageBytes(ClipRequest& request, int64_t most, FieldViolations& violations) {
  const int64_t size = request.first_frame.has_value() ? static_cast<int64_t>(request.first_frame->size()) : 0;
  if (size <= most) return;
  violations.Add(
      "job.request.first_frame", "IMAGE_TOO_LARGE",
      absl::StrFormat("job.request.first_frame has %d bytes; this server takes %d (--max_image_bytes)", size, most));
  request.first_frame.reset();
}

std::optional<Webhook> WebhookOf(const v1::Job& job, PrivateAddresses private_addresses, FieldViolations& violations) {
  if (!job.has_webhook()) return std::nullopt;
  Webhook webhook{.uri = job.webhook().uri(), .secret = job.webhook().secret()};
  CheckWebhook(webhook, private_addresses, violations);
  return webhook;
}

// The engine names fields of a clip; a client sees them inside its request.
absl::Status MergeViolations(const absl::Status& engine, FieldViolations violations) {
  if (!engine.ok() && FieldViolationsOf(engine).empty()) return violations.empty() ? engine : violations.ToStatus();
  for (const FieldViolation& each : FieldViolationsOf(engine)) {
    violations.Add("job.request." + each.field, each.reason, each.description);
  }
  return violations.ToStatus();
}

}  // namespace

absl::StatusOr<JobSpec> SpecFromProto(const v1::Job& job, const Engine& engine, const SpecRules& rules) {
  FieldViolations violations;
  if (!job.has_request()) {
    violations.Add("job.request", "REQUIRED", "job.request is missing; at least a prompt is needed");
    return violations.ToStatus();
  }
  JobSpec spec;
  spec.labels.insert(job.labels().begin(), job.labels().end());
  CheckLabels(spec.labels, violations);
  spec.start_timeout = Timeout(job.has_start_timeout(), job.start_timeout(), "job.start_timeout", violations);
  spec.finish_timeout = Timeout(job.has_finish_timeout(), job.finish_timeout(), "job.finish_timeout", violations);
  spec.ttl = Timeout(job.has_ttl(), job.ttl(), "job.ttl", violations);
  spec.priority = PriorityOf(job, violations);
  spec.webhook = WebhookOf(job, rules.webhook_addresses, violations);

  FieldViolations unknown;
  ClipRequest request = ClipFromProto(job.request(), unknown);
  CheckImageBytes(request, rules.max_image_bytes, violations);
  for (const FieldViolation& each : FieldViolationsOf(unknown.ToStatus())) {
    violations.Add("job.request." + each.field, each.reason, each.description);
  }
  absl::StatusOr<ClipSpec> clip = engine.Resolve(request);
  if (absl::Status status = MergeViolations(clip.status(), std::move(violations)); !status.ok()) return status;
  spec.clip = std::make_shared<const ClipSpec>(*std::move(clip));
  if (request.first_frame.has_value()) {
    spec.first_frame_bytes = static_cast<int64_t>(request.first_frame->size());
    spec.first_frame_sha256 = Sha256Of(*request.first_frame);
  }
  spec.body = BodyOf(job, "job.");
  return spec;
}

absl::Status CheckRequestId(std::string_view request_id) {
  if (request_id.empty()) return absl::OkStatus();
  bool is_uuid = request_id.size() == 36;
  for (size_t i = 0; i < request_id.size() && is_uuid; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    is_uuid = dash ? request_id[i] == '-' : absl::ascii_isxdigit(static_cast<unsigned char>(request_id[i]));
  }
  FieldViolations violations;
  if (!is_uuid) {
    violations.Add("request_id", "INVALID_REQUEST_ID",
                   absl::StrFormat("request_id is '%s'; it must be a UUID such as 123e4567-e89b-42d3-a456-426614174000",
                                   log::Escaped(request_id.substr(0, kShown))));
  }
  return violations.ToStatus();
}

}  // namespace ovi
