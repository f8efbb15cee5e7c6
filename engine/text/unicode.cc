#include "engine/text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "absl/strings/str_format.h"

namespace ovi {
namespace {

constexpr char32_t kReplacement = U'\uFFFD';

// The code point at `position` and its length in bytes, or a length of 0.
struct Decoded {
  char32_t code_point = kReplacement;
  size_t length = 0;
};

Decoded DecodeAt(std::string_view text, size_t position) {
  utf8proc_int32_t code_point = -1;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + position;
  const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - position), &code_point);
  if (length <= 0) return {};
  return {static_cast<char32_t>(code_point), static_cast<size_t>(length)};
}

std::u32string Compose(std::u32string_view text, bool compatibility) {
  const std::string bytes = ToUtf8(text);
  utf8proc_uint8_t* mapped = nullptr;
  const auto options =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | (compatibility ? UTF8PROC_COMPAT : 0));
  const auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()),
                                   static_cast<utf8proc_ssize_t>(bytes.size()), &mapped, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (length < 0) return std::u32string(text);  // only for lack of memory: the bytes are valid
  return ToCodePoints({reinterpret_cast<const char*>(mapped), static_cast<size_t>(length)});
}

utf8proc_category_t CategoryOf(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

}  // namespace

absl::Status ValidateUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t length = DecodeAt(text, i).length;
    if (length == 0) {
      return absl::InvalidArgumentError(absl::StrFormat("not UTF-8: byte 0x%02X at offset %d; send the text as UTF-8",
                                                        static_cast<unsigned char>(text[i]), i));
    }
    i += length;
  }
  return absl::OkStatus();
}

std::u32string ToCodePoints(std::string_view text) {
  std::u32string code_points;
  code_points.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const Decoded decoded = DecodeAt(text, i);
    code_points.push_back(decoded.code_point);
    i += std::max<size_t>(decoded.length, 1);
  }
  return code_points;
}

std::string ToUtf8(std::u32string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (const char32_t c : text) {
    utf8proc_uint8_t encoded[4];
    const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(c), encoded);
    bytes.append(reinterpret_cast<const char*>(encoded), static_cast<size_t>(length));
  }
  return bytes;
}

std::u32string ToNfc(std::u32string_view text) {
  // Below the first combining mark nothing composes.
  if (std::ranges::all_of(text, [](char32_t c) { return c < 0x300; })) return std::u32string(text);
  return Compose(text, /*compatibility=*/false);
}

std::u32string ToNfkc(std::u32string_view text) { return Compose(text, /*compatibility=*/true); }

std::vector<std::string> Graphemes(std::string_view text) {
  std::vector<std::string> graphemes;
  utf8proc_int32_t previous = -1, state = 0;
  for (const char32_t c : ToCodePoints(text)) {
    const auto next = static_cast<utf8proc_int32_t>(c);
    if (previous < 0 || utf8proc_grapheme_break_stateful(previous, next, &state)) graphemes.emplace_back();
    graphemes.back().append(ToUtf8({&c, 1}));
    previous = next;
  }
  return graphemes;
}

bool IsSpace(char32_t c) {
  switch (c) {
    case 0x20:
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:
      return true;
    default:
      return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F) || (c >= 0x2000 && c <= 0x200A);
  }
}

bool IsDigit(char32_t c) { return CategoryOf(c) == UTF8PROC_CATEGORY_ND; }

bool IsWord(char32_t c) {
  const utf8proc_category_t category = CategoryOf(c);
  const bool letter = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
  const bool number = category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
  return letter || number || c == U'_';
}

bool IsAsciiLetter(char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'); }

bool IsAsciiAlphanumeric(char32_t c) { return IsAsciiLetter(c) || (c >= U'0' && c <= U'9'); }

bool IsAscii(std::u32string_view text) {
  return std::ranges::all_of(text, [](char32_t c) { return c < 0x80; });
}

}  // namespace ovi
