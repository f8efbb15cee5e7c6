#include "engine/text/mojibake_characters.h"

#include <algorithm>
#include <array>

namespace ovi {
namespace {

struct MojibakeCharacter {
  char16_t code_point;
  uint32_t classes;
};

#include "engine/text/mojibake_tables.inc"

static_assert(kUpperHalves.size() == std::size(kAllCharmaps));

constexpr char32_t kReplacement = U'\uFFFD';
constexpr char kSubstitute = '\x1A';

const std::array<char16_t, 128>& UpperHalf(Charmap charmap) { return kUpperHalves[static_cast<size_t>(charmap)]; }

std::optional<char> EncodeAs(char32_t c, Charmap charmap) {
  if (IsSloppy(charmap)) {
    if (c == kReplacement) return kSubstitute;
    if (c == U'\x1A') return std::nullopt;  // its byte is taken
  }
  if (c < 0x80) return static_cast<char>(c);
  const auto& upper = UpperHalf(charmap);
  const auto* found = std::ranges::find(upper, c);
  if (found == upper.end()) return std::nullopt;
  return static_cast<char>(0x80 + (found - upper.begin()));
}

}  // namespace

uint32_t ClassesOf(char32_t c) {
  const auto* found = std::ranges::lower_bound(kMojibakeCharacters, c, {}, &MojibakeCharacter::code_point);
  return found != std::end(kMojibakeCharacters) && found->code_point == c ? found->classes : 0;
}

bool IsSloppy(Charmap charmap) { return charmap >= Charmap::kWindows1252 && charmap <= Charmap::kWindows1257; }

std::optional<std::string> EncodeAs(std::u32string_view text, Charmap charmap) {
  std::string bytes;
  bytes.reserve(text.size());
  for (const char32_t c : text) {
    const std::optional<char> byte = EncodeAs(c, charmap);
    if (!byte) return std::nullopt;
    bytes.push_back(*byte);
  }
  return bytes;
}

char32_t FromWindows1252(uint8_t byte) { return UpperHalf(Charmap::kWindows1252)[byte - 0x80u]; }

}  // namespace ovi
