#include "engine/request/utf8.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

#include "base/utf8.h"

namespace ovi {
namespace {

bool IsWhiteSpace(uint32_t character) {
  if (character >= 0x2000 && character <= 0x200A) return true;
  if (character >= 0x09 && character <= 0x0D) return true;
  constexpr uint32_t kOthers[] = {0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};
  return std::find(std::begin(kOthers), std::end(kOthers), character) != std::end(kOthers);
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    if (!TakeCharacter(text).has_value()) return false;
  }
  return true;
}

bool IsBlank(std::string_view text) {
  while (!text.empty()) {
    const std::optional<uint32_t> character = TakeCharacter(text);
    if (!character.has_value() || !IsWhiteSpace(*character)) return false;
  }
  return true;
}

}  // namespace ovi
