#include "engine/text/html_entities.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "engine/text/unicode.h"

namespace ovi {
namespace {

struct HtmlEntity {
  std::string_view name, value;
};

#include "engine/text/html_entities.inc"

constexpr size_t kLongestName = 32;        // html.unescape looks no further
constexpr size_t kLongestStrictName = 24;  // nor ftfy

// Windows-1252 for 0x80 to 0x9F: what browsers make of `&#128;`. 0: the byte has no character there.
constexpr std::array<char16_t, 32> kWindowsCharacters = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

std::optional<std::u32string> FindEntity(std::span<const HtmlEntity> table, std::u32string_view name) {
  if (!IsAscii(name)) return std::nullopt;
  const std::string key = ToUtf8(name);
  const auto found = std::ranges::lower_bound(table, std::string_view(key), {}, &HtmlEntity::name);
  if (found == table.end() || found->name != key) return std::nullopt;
  return ToCodePoints(found->value);
}

// What a number stands for; nothing at all for most control characters and noncharacters.
std::u32string FromNumber(uint32_t number) {
  if (number == 0 || number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF)) return U"\uFFFD";
  if (number >= 0x80 && number <= 0x9F) {
    const char16_t windows = kWindowsCharacters[number - 0x80];
    return std::u32string(1, windows != 0 ? char32_t{windows} : char32_t{number});
  }
  const bool blank = number == '\t' || number == '\n' || number == '\f' || number == '\r';
  const bool control = (number < 0x20 && !blank) || number == 0x7F;
  const bool noncharacter = (number >= 0xFDD0 && number <= 0xFDEF) || (number & 0xFFFE) == 0xFFFE;
  return control || noncharacter ? std::u32string() : std::u32string(1, char32_t{number});
}

// A reference at the start of `text` (which starts with '&'): how much of it to replace, and by what.
struct Reference {
  size_t length = 0;  // 0: none
  std::u32string value;
};

int DigitValue(char32_t c, int base) {
  int value = base;
  if (c >= U'0' && c <= U'9') value = static_cast<int>(c - U'0');
  if (c >= U'a' && c <= U'f') value = static_cast<int>(c - U'a') + 10;
  if (c >= U'A' && c <= U'F') value = static_cast<int>(c - U'A') + 10;
  return value < base ? value : -1;
}

Reference NumericReference(std::u32string_view text) {
  const bool hexadecimal = text.size() > 2 && (text[2] == U'x' || text[2] == U'X');
  const int base = hexadecimal ? 16 : 10;
  const size_t first = hexadecimal ? 3 : 2;
  size_t end = first;
  uint32_t number = 0;
  for (; end < text.size() && DigitValue(text[end], base) >= 0; ++end) {
    const auto digit = static_cast<uint32_t>(DigitValue(text[end], base));
    number = std::min<uint32_t>(number * static_cast<uint32_t>(base) + digit, 0x110000);  // beyond Unicode is beyond
  }
  if (end == first) return {};
  if (end < text.size() && text[end] == U';') ++end;
  return {end, FromNumber(number)};
}

Reference NamedReference(std::u32string_view text) {
  constexpr std::u32string_view kStops = U"\t\n\f <&#;";
  size_t end = 1;
  while (end < text.size() && end <= kLongestName && kStops.find(text[end]) == kStops.npos) ++end;
  if (end == 1) return {};
  if (end < text.size() && text[end] == U';') ++end;
  for (size_t length = end - 1; length >= 2; --length) {  // the longest known name wins: `&notit;`
    if (auto value = FindEntity(kHtmlEntities, text.substr(1, length))) return {length + 1, *std::move(value)};
  }
  return {};
}

// Replaces what `find` recognises at each ampersand.
template <typename Find>
std::u32string ReplaceReferences(std::u32string_view text, Find find) {
  std::u32string replaced;
  while (true) {
    const size_t ampersand = text.find(U'&');
    if (ampersand == text.npos) return replaced.append(text);
    replaced.append(text.substr(0, ampersand));
    text.remove_prefix(ampersand);
    const Reference reference = find(text);
    replaced.append(reference.length == 0 ? text.substr(0, 1) : reference.value);
    text.remove_prefix(std::max<size_t>(reference.length, 1));
  }
}

Reference AnyReference(std::u32string_view text) {
  return text.size() > 1 && text[1] == U'#' ? NumericReference(text) : NamedReference(text);
}

Reference StrictReference(std::u32string_view text) {
  const bool numeric = text.size() > 1 && text[1] == U'#';
  const size_t first = numeric ? 2 : 1;
  size_t end = first;
  while (end < text.size() && end < first + kLongestStrictName && IsAsciiAlphanumeric(text[end])) ++end;
  if (end == first || end == text.size() || text[end] != U';') return {};
  ++end;
  if (numeric) {
    // The whole of it or nothing; a semicolon as the result is left for later passes, as ftfy leaves it.
    const Reference reference = NumericReference(text);
    return reference.length == end && reference.value != U";" ? reference : Reference();
  }
  const std::u32string_view name = text.substr(1, end - 1);
  for (const std::span<const HtmlEntity> table : {std::span<const HtmlEntity>(kHtmlEntities), {kShoutedHtmlEntities}}) {
    if (auto value = FindEntity(table, name)) return {end, *std::move(value)};
  }
  return {};
}

}  // namespace

std::u32string UnescapeHtml(std::u32string_view text) { return ReplaceReferences(text, AnyReference); }

std::u32string UnescapeHtmlStrictly(std::u32string_view text) { return ReplaceReferences(text, StrictReference); }

}  // namespace ovi
