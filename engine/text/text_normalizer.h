// The "normalizer" of a tokenizer.json: what happens to a stretch of text before it is cut into words.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace ovi {

// A function of valid UTF-8 text; thread-safe.
using TextNormalizer = std::function<std::string(std::string_view)>;

// Knows the kinds that conversions of sentencepiece models use: none (null), Sequence, Precompiled, Replace (of a plain
// string, or of runs of blanks), Strip, NFC, NFKC. InvalidArgument naming any other.
absl::StatusOr<TextNormalizer> ParseTextNormalizer(const nlohmann::json& json);

}  // namespace ovi
