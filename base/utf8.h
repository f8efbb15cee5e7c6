// Text as characters, where it may be malformed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ovi {

// Takes the first character off `text`, which is not empty; nothing, and `text` stays, if it is malformed (RFC 3629:
// also one that is longer than need be, half of a surrogate pair, or beyond Unicode).
std::optional<uint32_t> TakeCharacter(std::string_view& text);

}  // namespace ovi
