// The characters that occur when UTF-8 is read as some single-byte encoding, and what is known of each: data for
// badness.cc and mojibake.cc. The tables are generated (tools/make_text_tables.py); classes are ftfy's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ovi {

// One bit per class; a character may be in several.
enum CharacterClass : uint32_t {
  kCommon = 1u << 0,              // at home in many contexts
  kC1 = 1u << 1,                  // U+0080 to U+009F
  kBad = 1u << 2,                 // hardly ever meant
  kLaw = 1u << 3,                 // paragraph and section signs
  kCurrency = 1u << 4,            //
  kStartPunctuation = 1u << 5,    //
  kEndPunctuation = 1u << 6,      //
  kNumeric = 1u << 7,             // superscripts, fractions, operators
  kKaomoji = 1u << 8,             // letters that faces are drawn with
  kUpperAccented = 1u << 9,       //
  kLowerAccented = 1u << 10,      //
  kUpperCommon = 1u << 11,        // Greek and Cyrillic
  kLowerCommon = 1u << 12,        //
  kBox = 1u << 13,                // box drawing
  kFirstOf2 = 1u << 14,           // some encoding's byte that opens a UTF-8 sequence of two
  kFirstOf3 = 1u << 15,           //
  kFirstOf4 = 1u << 16,           //
  kContinuation = 1u << 17,       // ... that continues one; a plain space counts, it may have been U+00A0
  kContinuationStrict = 1u << 18  // ... that rarely does anything else
};

// The classes of `c`, or 0.
uint32_t ClassesOf(char32_t c);

// Single-byte encodings that text is wrongly read with, in the order in which they are tried.
enum class Charmap {
  kLatin1,
  kWindows1252,
  kWindows1251,
  kWindows1250,
  kWindows1253,
  kWindows1254,
  kWindows1257,
  kLatin2,
  kMacRoman,
  kCp437
};
constexpr Charmap kAllCharmaps[] = {
    Charmap::kLatin1,      Charmap::kWindows1252, Charmap::kWindows1251, Charmap::kWindows1250, Charmap::kWindows1253,
    Charmap::kWindows1254, Charmap::kWindows1257, Charmap::kLatin2,      Charmap::kMacRoman,    Charmap::kCp437};

// The Windows ones are "sloppy": bytes without a character stand for the control of the same number, and byte 0x1A for
// U+FFFD, which says that a byte has been lost.
bool IsSloppy(Charmap charmap);

// The bytes that `charmap` would read as `text`; nullopt if there are none for some character.
std::optional<std::string> EncodeAs(std::u32string_view text, Charmap charmap);

// What Windows-1252 makes of a byte of 0x80 or more.
char32_t FromWindows1252(uint8_t byte);

}  // namespace ovi
