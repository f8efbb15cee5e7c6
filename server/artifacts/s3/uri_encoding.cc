#include "server/artifacts/s3/uri_encoding.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"

namespace ovi {
namespace {

std::string Encode(std::string_view text, std::string_view also_plain) {
  std::string encoded;
  for (const char byte : text) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(byte)) ||
                       std::string_view("-._~").find(byte) != std::string_view::npos ||
                       also_plain.find(byte) != std::string_view::npos;
    if (plain) {
      encoded += byte;
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(byte));
    }
  }
  return encoded;
}

}  // namespace

std::string EncodeUri(std::string_view text) { return Encode(text, ""); }

std::string EncodeUriPath(std::string_view path) { return Encode(path, "/"); }

std::string EncodeQuery(const QueryParameters& query) {
  QueryParameters sorted;
  for (const auto& [name, value] : query) sorted.emplace_back(EncodeUri(name), EncodeUri(value));
  std::sort(sorted.begin(), sorted.end());
  std::string encoded;
  for (const auto& [name, value] : sorted) {
    absl::StrAppendFormat(&encoded, "%s%s=%s", encoded.empty() ? "" : "&", name, value);
  }
  return encoded;
}

}  // namespace ovi
