// What a user may want to know about a prompt before it is made into a clip.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/tokenizer.h"

namespace ovi {

// Sentences for people, in the order of the text; empty if there is nothing to say. `cleaned` is what CleanPrompt gave.
//   - a literal `<s>`, `</s>`, `<pad>`, `<unk>` or `<extra_id_0>`, which the tokenizer takes for a special token
//     (oddity 21 of ovi-model.md), once per piece;
//   - a prompt of more than text_len - 1 tokens, of which the rest is dropped.
std::vector<std::string> PromptWarnings(const Tokenizer& tokenizer, std::string_view cleaned, int64_t text_len);

}  // namespace ovi
