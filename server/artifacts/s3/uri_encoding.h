// Percent-encoding as Signature Version 4 wants it: one spelling for each text, so that both sides sign the same bytes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ovi {

// Names and values, not encoded yet.
using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// All but A-Z a-z 0-9 - . _ ~ as %XX with capital letters, byte by byte: text is UTF-8.
std::string EncodeUri(std::string_view text);
// The same with '/' left alone.
std::string EncodeUriPath(std::string_view path);
// name=value&..., sorted by the encoded name, with '=' even where there is no value: "uploads=".
std::string EncodeQuery(const QueryParameters& query);

}  // namespace ovi
