// What happens to every prompt, positive and negative, between the request and the tokenizer.
#pragma once

#include <string>
#include <string_view>

namespace ovi {

// Repairs glitches (fix_text.h), resolves HTML references twice, trims, and makes every run of blanks one space. Case
// and punctuation stay. `prompt` is valid UTF-8 (ValidateUtf8); the result is too, in NFC but for what references put
// in. The audio tags come first: FormatAudioTags.
std::string CleanPrompt(std::string_view prompt);

}  // namespace ovi
