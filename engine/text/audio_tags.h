// Rewrites the sound part of a prompt into the tags that a checkpoint was trained with (oddity 20 of ovi-model.md).
#pragma once

#include <string>
#include <string_view>

#include "engine/checkpoint/config.h"

namespace ovi {

// Comes before cleaning, and for the positive prompt alone:
//   kAudCap:      the first `Audio:` anywhere, with the blanks behind it, becomes `<AUDCAP>`; all text after it, later
//                 `Audio:` included, is the caption, and `<ENDAUDCAP>` closes it at the end.
//   kAudioPrefix: every shortest `<AUDCAP>...<ENDAUDCAP>` becomes `Audio: ...`.
// Both are case-sensitive and run across lines. `prompt` is valid UTF-8.
std::string FormatAudioTags(std::string_view prompt, AudioTags style);

}  // namespace ovi
