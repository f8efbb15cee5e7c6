// Text as code points, and the few character properties that prompt cleaning asks for (tables: utf8proc).
// Stateless functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace ovi {

// InvalidArgument naming the byte offset of the first byte that is not UTF-8 (overlong forms, surrogates and code
// points above U+10FFFF included), and its value.
absl::Status ValidateUtf8(std::string_view text);

// `text` must be valid UTF-8; what is not becomes U+FFFD.
std::u32string ToCodePoints(std::string_view text);
std::string ToUtf8(std::u32string_view text);

// Canonical composition, and compatibility composition.
std::u32string ToNfc(std::u32string_view text);
std::u32string ToNfkc(std::u32string_view text);

// `text` cut into what a reader takes for one character (extended grapheme clusters, UAX 29).
std::vector<std::string> Graphemes(std::string_view text);

// The three as Python's `re` has them: \s, \d, \w.
bool IsSpace(char32_t c);
bool IsDigit(char32_t c);
bool IsWord(char32_t c);
bool IsAsciiLetter(char32_t c);
bool IsAsciiAlphanumeric(char32_t c);
bool IsAscii(std::u32string_view text);

}  // namespace ovi
