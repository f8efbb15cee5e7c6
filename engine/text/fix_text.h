// Glitches of text that came through too many programs: a reimplementation of fix_text of ftfy 6
// (https://github.com/rspeer/python-ftfy, Apache-2.0) with its default settings.
#pragma once

#include <string>
#include <string_view>

namespace ovi {

// Line by line, until nothing changes: HTML references (only while no '<' was seen in this or an earlier line, for that
// would be HTML meant as such), mojibake, C1 controls, Latin ligatures, half- and full-width forms, curly quotes, line
// breaks, terminal escapes, control characters, NFC.
// Surrogates, which ftfy also mends, cannot occur: valid UTF-8 holds none and no step makes any.
std::u32string FixText(std::u32string_view text);

}  // namespace ovi
