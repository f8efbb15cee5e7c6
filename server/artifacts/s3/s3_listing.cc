#include "server/artifacts/s3/s3_listing.h"

#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "base/status_macros.h"
#include "server/artifacts/s3/s3_errors.h"

namespace ovi {
namespace {

// A page has 1000 entries; one with the longest key S3 allows takes 2 kB.
constexpr int64_t kMaxPageBytes = 4 << 20;
// Whoever cleans up is waited for when the server stops.
constexpr absl::Duration kAnswerWithin = absl::Seconds(20);
// Ten million: a listing that has not ended by then goes round in circles.
constexpr int kMaxPages = 10'000;

// The pages of a listing of the bucket, in order. `next` has the parameters that ask for the page after this one.
absl::Status ForEachPage(const S3Client& client, QueryParameters query,
                         const std::function<QueryParameters(std::string_view page)>& next,
                         const std::function<absl::Status(std::string_view page)>& take) {
  query.emplace_back("prefix", client.key_prefix());
  query.emplace_back("delimiter", "/");
  QueryParameters asked = query;
  for (int i = 0; i < kMaxPages; ++i) {
    OVI_ASSIGN_OR_RETURN(const HttpResponse page, client.Send({.method = "GET",
                                                               .key = "",
                                                               .query = asked,
                                                               .max_response_bytes = kMaxPageBytes,
                                                               .within = kAnswerWithin}));
    OVI_RETURN_IF_ERROR(take(page.body));
    if (XmlText(page.body, "IsTruncated") != "true") return absl::OkStatus();
    asked = query;
    for (auto& parameter : next(page.body)) asked.push_back(std::move(parameter));
  }
  return absl::InternalError(absl::StrFormat("GET %s: the listing does not end", client.Uri("")));
}

absl::Status NoListing(const S3Client& client, std::string_view entry) {
  return absl::InternalError(absl::StrFormat("GET %s: the listing has an entry that cannot be read: %s", client.Uri(""),
                                             log::Escaped(entry.substr(0, 200))));
}

// The key without the prefix; nothing for one that should not be in the listing.
std::optional<std::string> KeyOf(const S3Client& client, std::string_view entry) {
  const std::string key = XmlText(entry, "Key");
  if (!key.starts_with(client.key_prefix())) return std::nullopt;
  return key.substr(client.key_prefix().size());
}

bool TimeOf(std::string_view entry, const std::string& element, absl::Time& time) {
  std::string error;
  return absl::ParseTime(absl::RFC3339_full, XmlText(entry, element), &time, &error);
}

}  // namespace

absl::StatusOr<std::vector<ArtifactEntry>> ListObjects(const S3Client& client) {
  std::vector<ArtifactEntry> entries;
  const auto take = [&](std::string_view page) -> absl::Status {
    for (const std::string_view object : XmlElements(page, "Contents")) {
      ArtifactEntry entry;
      const std::optional<std::string> key = KeyOf(client, object);
      if (!key.has_value() || !absl::SimpleAtoi(XmlText(object, "Size"), &entry.size_bytes) ||
          !TimeOf(object, "LastModified", entry.stored_time)) {
        return NoListing(client, object);
      }
      entry.key = *key;
      entries.push_back(std::move(entry));
    }
    return absl::OkStatus();
  };
  const auto next = [](std::string_view page) -> QueryParameters {
    return {{"continuation-token", XmlText(page, "NextContinuationToken")}};
  };
  OVI_RETURN_IF_ERROR(ForEachPage(client, {{"list-type", "2"}}, next, take));
  return entries;
}

absl::Status AbortUploads(const S3Client& client, absl::Time begun_before,
                          const std::function<bool(const std::string&)>& is_ours) {
  std::vector<std::pair<std::string, std::string>> old;  // keys and ids
  const auto take = [&](std::string_view page) -> absl::Status {
    for (const std::string_view upload : XmlElements(page, "Upload")) {
      const std::optional<std::string> key = KeyOf(client, upload);
      const std::string id = XmlText(upload, "UploadId");
      absl::Time begun;
      if (!key.has_value() || id.empty() || !TimeOf(upload, "Initiated", begun)) return NoListing(client, upload);
      if (begun < begun_before && is_ours(*key)) old.emplace_back(*key, id);
    }
    return absl::OkStatus();
  };
  const auto next = [](std::string_view page) -> QueryParameters {
    return {{"key-marker", XmlText(page, "NextKeyMarker")}, {"upload-id-marker", XmlText(page, "NextUploadIdMarker")}};
  };
  OVI_RETURN_IF_ERROR(ForEachPage(client, {{"uploads", ""}}, next, take));
  absl::Status first;
  for (const auto& [key, id] : old) {
    const absl::Status aborted =
        client.Send({.method = "DELETE", .key = key, .query = {{"uploadId", id}}, .within = kAnswerWithin}).status();
    if (aborted.ok()) log::Info("%s: parts of an upload that was never finished are deleted", client.Uri(key));
    if (!absl::IsNotFound(aborted)) first.Update(aborted);
  }
  return first;
}

}  // namespace ovi
