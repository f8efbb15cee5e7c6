// Does a text look as if it had been decoded with the wrong encoding?
// A reimplementation of the heuristic of ftfy 6 (https://github.com/rspeer/python-ftfy, Apache-2.0): certain classes of
// characters hardly ever stand next to each other in text that somebody meant, as in "cafÃ©" or "donâ€™t".
#pragma once

#include <string_view>

namespace ovi {

// True if any unlikely sequence occurs. One pass; a few dozen comparisons per character outside ASCII.
bool LooksLikeMojibake(std::u32string_view text);

}  // namespace ovi
