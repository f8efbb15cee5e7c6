// HTML character references back to the characters they stand for.
// Sources: the HTML standard, section "named character references" and "numeric character reference end state", as
// Python's html.unescape follows them; ftfy for the strict form. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace ovi {

// As html.unescape: also references without a semicolon (`&copy 2024`, `&notit;` is `¬it;`). One level only: `&amp;lt;`
// becomes `&lt;`.
std::u32string UnescapeHtml(std::u32string_view text);

// As ftfy: only references closed by a semicolon, but Latin letters and signs in upper case too (`&EACUTE;`).
std::u32string UnescapeHtmlStrictly(std::u32string_view text);

}  // namespace ovi
