#include "engine/text/fix_text.h"

#include <algorithm>
#include <string>

#include "engine/text/html_entities.h"
#include "engine/text/mojibake.h"
#include "engine/text/unicode.h"

namespace ovi {
namespace {

constexpr size_t kLongestSegment = 1'000'000;  // code points repaired at once

struct Ligature {
  char32_t code_point;
  std::u32string_view letters;
};

// Latin ligatures, and digraphs that exist for the sake of old encodings. Those in real use (æ, œ) stay.
constexpr Ligature kLigatures[] = {
    {U'\u0132', U"IJ"},      {U'\u0133', U"ij"},      {U'\u0149', U"\u02BCn"}, {U'\u01C4', U"D\u017D"},
    {U'\u01C5', U"D\u017E"}, {U'\u01C6', U"d\u017E"}, {U'\u01C7', U"LJ"},      {U'\u01C8', U"Lj"},
    {U'\u01C9', U"lj"},      {U'\u01CA', U"NJ"},      {U'\u01CB', U"Nj"},      {U'\u01CC', U"nj"},
    {U'\u01F1', U"DZ"},      {U'\u01F2', U"Dz"},      {U'\u01F3', U"dz"},      {U'\uFB00', U"ff"},
    {U'\uFB01', U"fi"},      {U'\uFB02', U"fl"},      {U'\uFB03', U"ffi"},     {U'\uFB04', U"ffl"},
    {U'\uFB05', U"\u017Ft"}, {U'\uFB06', U"st"}};

// Appends what stands for `c` once ligatures and widths are plain.
void AppendPlainForm(char32_t c, std::u32string& text) {
  const auto* ligature = std::ranges::find(kLigatures, c, &Ligature::code_point);
  if (ligature != std::end(kLigatures)) {
    text.append(ligature->letters);
  } else if (c == U'\u3000') {
    text.push_back(U' ');
  } else if (c >= 0xFF01 && c <= 0xFFEF) {
    text.append(ToNfkc({&c, 1}));
  } else {
    text.push_back(c);
  }
}

char32_t StraightQuote(char32_t c) {
  if (c == 0x02BC || (c >= 0x2018 && c <= 0x201B)) return U'\'';
  if (c >= 0x201C && c <= 0x201F) return U'"';
  return c;
}

std::u32string FixCharacters(std::u32string_view text) {
  std::u32string fixed;
  fixed.reserve(text.size());
  for (const char32_t c : text) AppendPlainForm(c, fixed);
  std::ranges::transform(fixed, fixed.begin(), StraightQuote);
  return fixed;
}

std::u32string FixLineBreaks(std::u32string_view text) {
  std::u32string fixed;
  for (size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    if (c == U'\r' && i + 1 < text.size() && text[i + 1] == U'\n') continue;
    const bool line_break = c == U'\r' || c == 0x2028 || c == 0x2029 || c == 0x85;
    fixed.push_back(line_break ? U'\n' : c);
  }
  return fixed;
}

// The length of an escape sequence as terminals take for colours, `ESC [ 31;1 m`, at the start of `text`, or 0.
size_t TerminalEscapeLength(std::u32string_view text) {
  if (!text.starts_with(U"\x1B[")) return 0;
  size_t end = 2;
  while (end < text.size() && (text[end] == U';' || IsDigit(text[end]))) ++end;
  return end < text.size() && IsAsciiLetter(text[end]) ? end + 1 : 0;
}

std::u32string RemoveTerminalEscapes(std::u32string_view text) {
  std::u32string kept;
  for (size_t i = 0; i < text.size();) {
    const size_t length = TerminalEscapeLength(text.substr(i));
    if (length == 0) kept.push_back(text[i]);
    i += std::max<size_t>(length, 1);
  }
  return kept;
}

// Has no effect on the text as it is read. Blanks, joiners and direction marks do, and stay; C1 tells of mojibake.
bool IsIdleControl(char32_t c) {
  const bool ascii = c < 0x09 || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F;
  return ascii || (c >= 0x206A && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFC);
}

std::u32string FixSegment(std::u32string text, bool unescape_html) {
  while (true) {
    std::u32string fixed = unescape_html ? UnescapeHtmlStrictly(text) : text;
    fixed = FixCharacters(FixC1Controls(FixEncoding(fixed)));
    fixed = RemoveTerminalEscapes(FixLineBreaks(fixed));
    std::erase_if(fixed, IsIdleControl);
    fixed = ToNfc(fixed);
    if (fixed == text) return fixed;
    text = std::move(fixed);
  }
}

}  // namespace

std::u32string FixText(std::u32string_view text) {
  std::u32string fixed;
  bool unescape_html = true;
  while (!text.empty()) {
    const size_t newline = text.find(U'\n');
    const size_t length = std::min({newline == text.npos ? newline : newline + 1, text.size(), kLongestSegment});
    const std::u32string_view segment = text.substr(0, length);
    unescape_html = unescape_html && segment.find(U'<') == segment.npos;
    fixed.append(FixSegment(std::u32string(segment), unescape_html));
    text.remove_prefix(length);
  }
  return fixed;
}

}  // namespace ovi
