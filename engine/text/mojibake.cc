#include "engine/text/mojibake.h"

#include <algorithm>
#include <optional>

#include "engine/text/badness.h"
#include "engine/text/mojibake_characters.h"
#include "engine/text/unicode.h"
#include "engine/text/utf8_repair.h"

namespace ovi {
namespace {

bool IsC1(char32_t c) { return c >= 0x80 && c <= 0x9F; }

// The text as it was before it was decoded with `charmap`, if that gives UTF-8.
std::optional<std::u32string> UndoDecoding(std::u32string_view text, Charmap charmap) {
  std::optional<std::string> bytes = EncodeAs(text, charmap);
  if (!bytes) return std::nullopt;
  // In MacRoman the rule would match an en dash and a blank.
  if (charmap != Charmap::kMacRoman) bytes = RestoreByteA0(*bytes);
  if (IsSloppy(charmap)) bytes = ReplaceLossySequences(*bytes);
  return DecodeUtf8Variants(*bytes);
}

// The length of what looks like a run of decoded UTF-8 sequences at the start of `text`, or 0.
size_t SequencesLength(std::u32string_view text) {
  const auto continues = [&](size_t lead, size_t count) {
    if (lead + count >= text.size()) return false;
    return std::ranges::all_of(text.substr(lead + 1, count), [](char32_t c) { return ClassesOf(c) & kContinuation; });
  };
  size_t length = 0;
  while (length < text.size()) {
    const uint32_t lead = ClassesOf(text[length]);
    if ((lead & kFirstOf2) && continues(length, 1)) {
      length += 2;
    } else if ((lead & kFirstOf3) && continues(length, 2)) {
      length += 3;
    } else if ((lead & kFirstOf4) && continues(length, 3)) {
      length += 4;
    } else {
      break;
    }
  }
  return length;
}

// Repairs parts of a text that as a whole fits no encoding.
std::u32string FixParts(std::u32string_view text) {
  std::u32string fixed;
  for (size_t i = 0; i < text.size();) {
    // Not in the middle of a longer garble: half a repair would make it worse.
    const bool continued = i > 0 && (ClassesOf(text[i - 1]) & kContinuationStrict);
    const size_t length = continued ? 0 : SequencesLength(text.substr(i));
    const std::u32string_view part = text.substr(i, std::max<size_t>(length, 1));
    // A part shorter than the whole, so that this ends.
    if (length > 0 && length < text.size() && LooksLikeMojibake(part)) {
      fixed.append(FixEncoding(part));
    } else {
      fixed.append(part);
    }
    i += part.size();
  }
  return fixed;
}

std::u32string FixEncodingOnce(std::u32string_view text) {
  if (!LooksLikeMojibake(text)) return std::u32string(text);
  for (const Charmap charmap : kAllCharmaps) {
    if (auto fixed = UndoDecoding(text, charmap)) return *std::move(fixed);
  }
  if (std::u32string fixed = FixParts(text); fixed != text) return fixed;
  // Latin-1 that was Windows-1252. (ftfy first tries the whole text; the outcome is the same but for five bytes that
  // Windows-1252 leaves open, which stay controls either way.)
  return FixC1Controls(text);
}

}  // namespace

std::u32string FixEncoding(std::u32string_view text) {
  std::u32string fixed(text);
  while (true) {
    std::u32string next = FixEncodingOnce(fixed);
    if (next == fixed) return fixed;
    fixed = std::move(next);
  }
}

std::u32string FixC1Controls(std::u32string_view text) {
  std::u32string fixed(text);
  for (char32_t& c : fixed) {
    if (IsC1(c)) c = FromWindows1252(static_cast<uint8_t>(c));
  }
  return fixed;
}

}  // namespace ovi
