#include "engine/text/badness.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/text/mojibake_characters.h"
#include "engine/text/unicode.h"

namespace ovi {
namespace {

// Classes beyond those of the table, in the bits it leaves free.
constexpr uint32_t kAsciiLower = 1u << 24, kAsciiUpper = 1u << 25, kSpace = 1u << 26, kWord = 1u << 27,
                   kNotAsciiLetter = 1u << 28, kNotNewline = 1u << 29;
constexpr uint32_t kAsciiLetters = kAsciiLower | kAsciiUpper;
constexpr uint32_t kAccented = kUpperAccented | kLowerAccented;
constexpr uint32_t kPunctuation = kStartPunctuation | kEndPunctuation;
constexpr uint32_t kAfterBad = kAccented | kBox | kPunctuation | kCurrency | kNumeric | kLaw;

// One place of a sequence: a character of any of `classes`, or any of `characters`.
struct Place {
  constexpr Place() = default;
  constexpr Place(uint32_t in_classes, std::u32string_view in_characters = {})  // NOLINT: rules read as lists
      : classes(in_classes), characters(in_characters) {}
  constexpr Place(const char32_t* in_characters) : characters(in_characters) {}  // NOLINT
  constexpr bool used() const { return classes != 0 || !characters.empty(); }
  constexpr bool Matches(char32_t c, uint32_t classes_of_c) const {
    return (classes & classes_of_c) != 0 || characters.find(c) != characters.npos;
  }

  uint32_t classes = 0;
  std::u32string_view characters;
};

using Sequence = std::array<Place, 5>;  // unused places at the end

constexpr Place kArabicTail = {kCommon | kCurrency | kBad | kNumeric | kStartPunctuation, U"ŸŠ®°µ»"};
constexpr Place kNarrow = {kC1 | kBad | kPunctuation | kCurrency, U"°"};
constexpr Place kNarrowCyrillic = {kNarrow.classes, U"°µ"};

constexpr Sequence kUnlikely[] = {
    {{kC1}},
    {{kBad | kAfterBad, kBad}},
    {{kBad, kAfterBad}},
    {{kAsciiLetters, kLowerCommon | kUpperCommon, kBad}},
    {{kLowerAccented | kLowerCommon | kBox | kEndPunctuation | kCurrency | kNumeric, kUpperAccented}},
    {{kBox | kEndPunctuation | kCurrency | kNumeric, kLowerAccented}},
    {{kLowerAccented | kBox | kEndPunctuation, kCurrency}},
    {{kSpace, kUpperAccented, kCurrency}},
    {{kUpperAccented | kBox, kNumeric | kLaw}},
    {{kAccented | kBox | kCurrency | kEndPunctuation, kStartPunctuation, kNumeric}},
    {{kAccented | kCurrency | kNumeric | kBox | kLaw, kEndPunctuation, kStartPunctuation}},
    {{kCurrency | kNumeric | kBox, kStartPunctuation}},
    {{kAsciiLower, kUpperAccented, kStartPunctuation | kCurrency}},
    {{kBox, kKaomoji}},
    {{kAccented | kCurrency | kNumeric | kPunctuation | kLaw, kBox}},
    {{kBox, kEndPunctuation}},
    {{kAccented, kPunctuation, kWord}},
    {{U"Œœ", kNotAsciiLetter}},
    {{kUpperAccented, U"°"}},
    // UTF-8 read as Windows-1252: two bytes, Arabic, South Asian scripts.
    {{U"ÂÃÎÐ", {kPunctuation, U"€œŠš¢£Ÿž\u00A0\u00AD®©°·»–—´"}}},
    {{U"×", U"²³"}},
    {{U"ØÙ", kArabicTail, U"ØÙ", kArabicTail}},
    {{U"à", U"²µ¹¼½¾"}},
    {{U"Ã", U"\u00A0¡"}},
    {{kAsciiLower, U"ÃÂ", U" "}},
    {{kAsciiLower, kSpace, U"ÃÂ", U" "}},
    {{{kAsciiLower | kEndPunctuation, U".,?!"}, U"Â", {kPunctuation, U" "}}},
    // ... as MacRoman.
    {{U"√", U"±∂†≠®™´≤≥¥µø"}},
    {{U"≈", U"°¢"}},
    {{U"‚", U"Ä", U"ìîïòôúùû†°¢π"}},
    {{U"‚", U"âó", U"àä°ê"}},
    // ... as Windows-1251: punctuation, Latin-1 letters or Cyrillic, and a doubly broken quote beside a Latin letter.
    {{U"в", U"Ђ"}},
    {{U"ВГРС", kNarrowCyrillic, U"ВГРС"}},
    // ... as Windows-1253 and as Windows-1257.
    {{U"β", U"€", U"™\u00A0Ά\u00AD®°"}},
    {{U"ΒΓΞΟ", kNarrow, U"ΒΓΞΟ"}},
    {{U"ā", U"€"}},
};

// Longer than a Sequence: a quotation mark broken twice.
constexpr std::array<Place, 7> kTwiceBroken = {{U"Г", U"ў", U"В", U"Ђ", U"В", kNotNewline, {kAsciiLetters, U" "}}};

// Only at the very start.
constexpr std::array<Place, 2> kOpening = {{U"ÃÂ", U" "}};

struct Character {
  char32_t code_point;
  uint32_t classes;
};

Character Classify(char32_t c) {
  uint32_t classes = ClassesOf(c);
  if (c >= U'a' && c <= U'z') classes |= kAsciiLower;
  if (c >= U'A' && c <= U'Z') classes |= kAsciiUpper;
  if (IsSpace(c)) classes |= kSpace;
  if (IsWord(c)) classes |= kWord;
  if (!IsAsciiLetter(c)) classes |= kNotAsciiLetter;
  if (c != U'\n') classes |= kNotNewline;
  return {c, classes};
}

bool StartsWith(std::span<const Character> text, std::span<const Place> sequence) {
  for (size_t i = 0; i < sequence.size() && sequence[i].used(); ++i) {
    if (i == text.size() || !sequence[i].Matches(text[i].code_point, text[i].classes)) return false;
  }
  return true;
}

}  // namespace

bool LooksLikeMojibake(std::u32string_view text) {
  if (IsAscii(text)) return false;
  std::vector<Character> characters(text.size());
  std::ranges::transform(text, characters.begin(), Classify);
  std::span<const Character> rest(characters);
  if (StartsWith(rest, kOpening)) return true;
  for (; !rest.empty(); rest = rest.subspan(1)) {
    const auto here = [rest](const auto& sequence) { return StartsWith(rest, sequence); };
    if (std::ranges::any_of(kUnlikely, here) || here(kTwiceBroken)) return true;
  }
  return false;
}

}  // namespace ovi
