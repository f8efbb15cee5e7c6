#include "engine/text/text_normalizer.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "engine/text/charsmap.h"
#include "engine/text/unicode.h"

namespace ovi {
namespace {

using nlohmann::json;

absl::StatusOr<TextNormalizer> ParseSequence(const json& normalizer) {
  std::vector<TextNormalizer> parts;
  for (const json& part : normalizer.at("normalizers")) {
    OVI_ASSIGN_OR_RETURN(TextNormalizer parsed, ParseTextNormalizer(part));
    parts.push_back(std::move(parsed));
  }
  return [parts](std::string_view text) {
    std::string normalized(text);
    for (const TextNormalizer& part : parts) normalized = part(normalized);
    return normalized;
  };
}

absl::StatusOr<TextNormalizer> ParsePrecompiled(const json& normalizer) {
  std::string bytes;
  if (!absl::Base64Unescape(normalizer.at("precompiled_charsmap").get<std::string>(), &bytes)) {
    return absl::InvalidArgumentError("precompiled_charsmap is not base64");
  }
  if (bytes.empty()) return [](std::string_view text) { return std::string(text); };
  OVI_ASSIGN_OR_RETURN(Charsmap parsed, Charsmap::Parse(bytes));
  const auto charsmap = std::make_shared<const Charsmap>(std::move(parsed));
  return [charsmap](std::string_view text) { return charsmap->Apply(text); };
}

// Runs of two or more blanks become `content`.
std::string ReplaceRunsOfBlanks(std::string_view text, std::string_view content) {
  std::string replaced;
  while (!text.empty()) {
    const size_t run = std::min(text.find_first_not_of(' '), text.size());
    replaced.append(run >= 2 ? content : text.substr(0, run));
    text.remove_prefix(run);
    const size_t words = std::min(text.find(' '), text.size());
    replaced.append(text.substr(0, words));
    text.remove_prefix(words);
  }
  return replaced;
}

absl::StatusOr<TextNormalizer> ParseReplace(const json& normalizer) {
  const std::string content = normalizer.at("content").get<std::string>();
  const json& pattern = normalizer.at("pattern");
  if (pattern.contains("String")) {
    const std::string plain = pattern["String"].get<std::string>();
    return [plain, content](std::string_view text) {
      return plain.empty() ? std::string(text) : absl::StrReplaceAll({text.data(), text.size()}, {{plain, content}});
    };
  }
  if (pattern.value("Regex", "") != " {2,}") {
    return absl::InvalidArgumentError(
        absl::StrFormat("Replace has the pattern %s; only strings and the expression \" {2,}\" are "
                        "implemented",
                        pattern.dump()));
  }
  return [content](std::string_view text) { return ReplaceRunsOfBlanks(text, content); };
}

TextNormalizer MakeStrip(bool left, bool right) {
  return [left, right](std::string_view text) {
    std::u32string stripped = ToCodePoints(text);
    while (right && !stripped.empty() && IsSpace(stripped.back())) stripped.pop_back();
    if (left) stripped.erase(stripped.begin(), std::ranges::find_if_not(stripped, IsSpace));
    return ToUtf8(stripped);
  };
}

}  // namespace

absl::StatusOr<TextNormalizer> ParseTextNormalizer(const json& normalizer) {
  if (normalizer.is_null()) return [](std::string_view text) { return std::string(text); };
  const std::string type = normalizer.at("type").get<std::string>();
  if (type == "Sequence") return ParseSequence(normalizer);
  if (type == "Precompiled") return ParsePrecompiled(normalizer);
  if (type == "Replace") return ParseReplace(normalizer);
  if (type == "Strip") return MakeStrip(normalizer.value("strip_left", true), normalizer.value("strip_right", true));
  if (type == "NFC") return [](std::string_view text) { return ToUtf8(ToNfc(ToCodePoints(text))); };
  if (type == "NFKC") return [](std::string_view text) { return ToUtf8(ToNfkc(ToCodePoints(text))); };
  return absl::InvalidArgumentError(
      absl::StrFormat("type %s is not implemented (Sequence, Precompiled, Replace, Strip, NFC, NFKC are)", type));
}

}  // namespace ovi
