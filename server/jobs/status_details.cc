#include "server/jobs/status_details.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"

namespace ovi {
namespace {

constexpr char kRetryUrl[] = "ovi/retry_after_ms";
constexpr std::string_view kMetadataUrl = "ovi/metadata/";  // and the key

}  // namespace

absl::Status WithRetryAfter(absl::Status status, absl::Duration delay) {
  status.SetPayload(kRetryUrl, absl::Cord(absl::StrFormat("%d", absl::ToInt64Milliseconds(delay))));
  return status;
}

std::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kRetryUrl);
  int64_t milliseconds = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &milliseconds)) return std::nullopt;
  return absl::Milliseconds(milliseconds);
}

absl::Status WithMetadata(absl::Status status, std::string_view key, std::string_view value) {
  status.SetPayload(absl::StrFormat("%s%s", kMetadataUrl, key), absl::Cord(std::string(value)));
  return status;
}

std::map<std::string, std::string> MetadataOf(const absl::Status& status) {
  std::map<std::string, std::string> metadata;
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    const std::string_view name(url.data(), url.size());
    if (name.starts_with(kMetadataUrl)) metadata[std::string(name.substr(kMetadataUrl.size()))] = std::string(payload);
  });
  return metadata;
}

}  // namespace ovi
