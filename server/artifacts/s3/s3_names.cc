#include "server/artifacts/s3/s3_names.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "base/log.h"

namespace ovi {
namespace {

constexpr std::string_view kScheme = "s3://";

bool IsBucketName(std::string_view text) {
  return text.size() >= 3 && text.size() <= 63 && IsHostName(text) && text.front() != '.' && text.back() != '.';
}

}  // namespace

bool IsHostName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char byte) {
    return absl::ascii_isalnum(byte) || byte == '.' || byte == '-' || byte == '_';
  });
}

bool IsPrintableWord(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char byte) { return absl::ascii_isgraph(byte); });
}

bool IsS3Address(std::string_view text) { return text.substr(0, kScheme.size()) == kScheme; }

absl::StatusOr<S3Location> ParseS3Location(std::string_view address) {
  const auto wrong = [&](std::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrFormat("'%s' %s; use s3://bucket or s3://bucket/prefix", log::Escaped(address), why));
  };
  if (!IsS3Address(address)) return wrong("is not an address in S3");
  const std::string_view rest = address.substr(kScheme.size());
  const size_t slash = std::min(rest.find('/'), rest.size());
  S3Location location{.bucket = std::string(rest.substr(0, slash)), .key_prefix = std::string(rest.substr(slash))};
  if (!IsBucketName(location.bucket)) return wrong("does not name a bucket");
  location.key_prefix.erase(0, location.key_prefix.find_first_not_of('/'));
  while (!location.key_prefix.empty() && location.key_prefix.back() == '/') location.key_prefix.pop_back();
  if (!location.key_prefix.empty()) location.key_prefix += '/';
  return location;
}

absl::StatusOr<Endpoint> ParseEndpoint(const std::string& name, std::string_view url) {
  const size_t colon = std::min(url.find("://"), url.size());
  Endpoint endpoint{.scheme = std::string(url.substr(0, colon)), .host = ""};
  std::string_view rest = url.substr(std::min(colon + 3, url.size()));
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  const size_t port_at = std::min(rest.rfind(':'), rest.size());
  const std::string_view port = rest.substr(std::min(port_at + 1, rest.size()));
  const bool good = (endpoint.scheme == "http" || endpoint.scheme == "https") && IsHostName(rest.substr(0, port_at)) &&
                    (port_at == rest.size() || !port.empty()) && std::all_of(port.begin(), port.end(), [](char digit) {
                      return absl::ascii_isdigit(static_cast<unsigned char>(digit));
                    });
  if (!good) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s is not http:// or https:// with a host and maybe a port, and nothing else; use https://s3.example.org:9000",
        name));
  }
  const bool own_port = port == (endpoint.scheme == "http" ? "80" : "443");
  endpoint.host = std::string(own_port ? rest.substr(0, port_at) : rest);
  return endpoint;
}

}  // namespace ovi
