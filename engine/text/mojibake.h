// Repairs text that was UTF-8 and has been decoded as something else: "cafÃ©" becomes "café".
// A reimplementation of fix_encoding of ftfy 6 (https://github.com/rspeer/python-ftfy, Apache-2.0), default settings.
#pragma once

#include <string>
#include <string_view>

namespace ovi {

// Repairs until nothing changes. Text that does not look broken comes back as it is. Each repair makes the text shorter
// or rids it of C1 controls, so it ends.
std::u32string FixEncoding(std::u32string_view text);

// C1 controls (U+0080 to U+009F) as the Windows-1252 characters that browsers take them for.
std::u32string FixC1Controls(std::u32string_view text);

}  // namespace ovi
