// Reading text that a client claims to be UTF-8.
#pragma once

#include <string_view>

namespace ovi {

// Whether every byte belongs to a well-formed character (Unicode, table 3-7: no overlong form, surrogate or value above
// U+10FFFF).
bool IsValidUtf8(std::string_view text);

// Whether nothing but white space (Unicode's property White_Space) is in it. `text` must be valid.
bool IsBlank(std::string_view text);

}  // namespace ovi
