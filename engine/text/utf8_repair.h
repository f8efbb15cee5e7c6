// Bytes that nearly are UTF-8 become UTF-8: repairs on the way back from a wrong decoding (see mojibake.h).
// Rules after ftfy 6 (Apache-2.0), whose names they carry. Stateless; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ovi {

// Where a byte 0xA0 inside a UTF-8 sequence was taken for a blank and became 0x20, puts it back.
std::string RestoreByteA0(std::string_view bytes);

// Where a byte was lost (0x1A stands for it, in some places '?'), makes the whole sequence U+FFFD.
std::string ReplaceLossySequences(std::string_view bytes);

// Decodes UTF-8. If a byte 0xED or 0xC0 occurs, also two relatives of it: surrogate pairs in six bytes (CESU-8), and
// U+0000 as C0 80 (Java). Nullopt if anything else is not UTF-8.
std::optional<std::u32string> DecodeUtf8Variants(std::string_view bytes);

}  // namespace ovi
