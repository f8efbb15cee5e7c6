#include "engine/text/utf8_repair.h"

#include <cstdint>

#include "engine/text/unicode.h"

namespace ovi {
namespace {

constexpr uint8_t kBlank = 0x20, kNoBreakSpace = 0xA0, kLost = 0x1A;

// Bytes from a position on, reading 0 past the end: no rule below accepts 0.
class Window {
 public:
  Window(std::string_view bytes, size_t position) : bytes_(bytes.substr(position)) {}
  uint8_t operator[](size_t i) const { return i < bytes_.size() ? static_cast<uint8_t>(bytes_[i]) : uint8_t{0}; }
  bool StartsWith(std::string_view prefix) const { return bytes_.starts_with(prefix); }
  size_t size() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

bool In(uint8_t byte, uint8_t low, uint8_t high) { return byte >= low && byte <= high; }

bool IsContinuation(uint8_t byte) { return In(byte, 0x80, 0xBF); }

// Continuations that give likely characters beside a restored A0: not "..." (85), not A0 itself.
bool IsLikelyContinuation(uint8_t byte) { return IsContinuation(byte) && byte != 0x85 && byte != kNoBreakSpace; }

// The length of a sequence that would be UTF-8 with A0 in place of its blank, or 0.
size_t AlteredLength(const Window& at) {
  switch (at[0]) {
    case 0xC2:
    case 0xC3:
    case 0xC5:
    case 0xCE:
    case 0xD0:
    case 0xD9:
      return at[1] == kBlank ? 2 : 0;
    case 0xE0:
    case 0xE1:
      return IsLikelyContinuation(at[1]) && at[2] == kBlank ? 3 : 0;
    case 0xE2:
    case 0xE3:
      return (at[1] == kBlank && IsLikelyContinuation(at[2])) || (IsLikelyContinuation(at[1]) && at[2] == kBlank) ? 3
                                                                                                                  : 0;
    case 0xF0: {
      int blanks = 0, continuations = 0;
      for (size_t i = 1; i <= 3; ++i) {
        blanks += at[i] == kBlank;
        continuations += IsContinuation(at[i]);
      }
      return blanks == 1 && continuations == 2 ? 4 : 0;
    }
    default:
      return 0;
  }
}

// "Ã " as a word of its own is "à": the blank stays beside the A0. Not where a Portuguese contraction goes on (àquele,
// àquela, àquilo, às), and not before another blank.
bool IsLoneAGrave(const Window& at) {
  if (!at.StartsWith("\xC3 ")) return false;
  for (const std::string_view next : {"\xC3  ", "\xC3 quele", "\xC3 quela", "\xC3 quilo", "\xC3 s "}) {
    if (at.StartsWith(next)) return false;
  }
  return true;
}

bool IsLostOr(uint8_t byte, bool question_mark) { return byte == kLost || (question_mark && byte == '?'); }

// Three or four bytes of which one is lost: one place may hold '?', the others a continuation or a lost byte.
bool HasLostByte(const Window& at, size_t continuations) {
  for (size_t lost = 1; lost <= continuations; ++lost) {
    bool matches = IsLostOr(at[lost], true);
    for (size_t i = 1; i <= continuations; ++i) {
      matches &= i == lost || at[i] == kLost || IsContinuation(at[i]);
    }
    if (matches) return true;
  }
  return false;
}

// The length of a sequence that has lost a byte, or 0.
size_t LossyLength(const Window& at) {
  const uint8_t lead = at[0];
  if (In(lead, 0xC2, 0xDF) && at[1] == kLost) return 2;
  if (In(lead, 0xC2, 0xC3) && at[1] == '?') return 2;
  if (lead == 0xED && In(at[1], 0xA0, 0xAF) && at[3] == 0xED && In(at[4], 0xB0, 0xBF)) {
    const bool first_lost = IsLostOr(at[2], true), second_lost = IsLostOr(at[5], true);
    const bool first_fits = first_lost || IsContinuation(at[2]), second_fits = second_lost || IsContinuation(at[5]);
    if ((first_lost && second_fits) || (second_lost && first_fits)) return 6;
  }
  if (In(lead, 0xE0, 0xEF) && HasLostByte(at, 2)) return 3;
  if (In(lead, 0xF0, 0xF4) && HasLostByte(at, 3)) return 4;
  return lead == kLost ? 1 : 0;
}

// A supplementary character as two surrogates of three bytes each.
std::optional<char32_t> SurrogatePair(const Window& at) {
  if (at[0] != 0xED || !In(at[1], 0xA0, 0xAF) || !IsContinuation(at[2])) return std::nullopt;
  if (at[3] != 0xED || !In(at[4], 0xB0, 0xBF) || !IsContinuation(at[5])) return std::nullopt;
  const auto bits = [](uint8_t byte, unsigned mask, int shift) { return (char32_t{byte} & mask) << shift; };
  return 0x10000 + bits(at[1], 0x0F, 16) + bits(at[2], 0x3F, 10) + bits(at[4], 0x0F, 6) + bits(at[5], 0x3F, 0);
}

}  // namespace

std::string RestoreByteA0(std::string_view bytes) {
  std::string words;
  for (size_t i = 0; i < bytes.size(); ++i) {
    words.push_back(bytes[i]);
    if (IsLoneAGrave(Window(bytes, i))) words.push_back(static_cast<char>(kNoBreakSpace));
  }
  for (size_t i = 0; i < words.size();) {
    const size_t length = AlteredLength(Window(words, i));
    for (size_t j = i; j < i + length; ++j) {
      if (words[j] == static_cast<char>(kBlank)) words[j] = static_cast<char>(kNoBreakSpace);
    }
    i += length == 0 ? 1 : length;
  }
  return words;
}

std::string ReplaceLossySequences(std::string_view bytes) {
  std::string replaced;
  for (size_t i = 0; i < bytes.size();) {
    const size_t length = LossyLength(Window(bytes, i));
    replaced.append(length == 0 ? bytes.substr(i, 1) : std::string_view("\uFFFD"));
    i += length == 0 ? 1 : length;
  }
  return replaced;
}

std::optional<std::u32string> DecodeUtf8Variants(std::string_view bytes) {
  std::string plain;
  for (size_t i = 0; i < bytes.size();) {
    const Window at(bytes, i);
    // The newline that ends a text counts as its end for ftfy, so a lone C0 before it is swallowed with it.
    const bool null = at[0] == 0xC0 && (at[1] == 0x80 || (at[1] == '\n' && at.size() == 2));
    if (null) {
      plain.push_back('\0');
      i += 2;
    } else if (const auto pair = SurrogatePair(at)) {
      plain.append(ToUtf8(std::u32string(1, *pair)));
      i += 6;
    } else {
      plain.push_back(bytes[i++]);
    }
  }
  if (!ValidateUtf8(plain).ok()) return std::nullopt;
  return ToCodePoints(plain);
}

}  // namespace ovi
