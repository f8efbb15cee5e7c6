#include "base/utf8.h"

namespace ovi {

std::optional<uint32_t> TakeCharacter(std::string_view& text) {
  const auto byte = [&](size_t index) { return static_cast<uint8_t>(text[index]); };
  const uint8_t first = byte(0);
  size_t length = 1;
  uint32_t character = first;
  if (first >= 0x80) {
    length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return std::nullopt;
    character = first & (0x7Fu >> length);
    for (size_t i = 1; i < length; ++i) {
      if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
      character = character << 6 | (byte(i) & 0x3Fu);
    }
  }
  constexpr uint32_t kSmallestOfLength[] = {0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  if (character < kSmallestOfLength[length - 1] || character > 0x10FFFF || surrogate) return std::nullopt;
  text.remove_prefix(length);
  return character;
}

}  // namespace ovi
